//! `GET /equipements/{equipement_id}/history`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::history::handle)
}
