//! `DELETE /clients/{client_id}`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::deactivate::handle)
}
