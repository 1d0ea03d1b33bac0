//! `GET /equipements/{equipement_id}/historique`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::history::handle)
}
