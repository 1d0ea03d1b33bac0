//! `GET /clients/{client_id}/history`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::history::handle)
}
