//! `GET /equipements/{equipement_id}/infos`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::infos::handle)
}
