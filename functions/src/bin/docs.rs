//! `GET /docs`, what that page is made of, and the way there from `GET /`

fn main() -> std::process::ExitCode {
    shared::runtime::serve_static(functions::docs::page::handle)
}
