//! `GET /openapi.json`

fn main() -> std::process::ExitCode {
    shared::runtime::serve_alone(functions::docs::openapi::handle)
}
