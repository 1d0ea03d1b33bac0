//! `POST /clients/{client_id}/reactivate`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::reactivate::handle)
}
