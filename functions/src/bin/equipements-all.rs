//! `GET /equipements/all`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::all::handle)
}
