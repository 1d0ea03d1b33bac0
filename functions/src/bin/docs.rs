//! `GET /docs`, its files, and the redirect from `GET /`

fn main() -> std::process::ExitCode {
    shared::runtime::serve_static(functions::docs::page::handle)
}
