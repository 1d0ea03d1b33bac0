//! `GET /clients/{client_id}/infos`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::infos::handle)
}
