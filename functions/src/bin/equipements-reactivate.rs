//! `POST /equipements/{equipement_id}/reactivate`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::reactivate::handle)
}
