//! `DELETE /equipements/{equipement_id}`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::deactivate::handle)
}
