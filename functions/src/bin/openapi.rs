//! `GET /openapi.json`

fn main() -> std::process::ExitCode {
    shared::runtime::serve_static(functions::docs::openapi::handle)
}
