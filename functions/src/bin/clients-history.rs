//! `GET /clients/{client_id}/historique`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::history::handle)
}
