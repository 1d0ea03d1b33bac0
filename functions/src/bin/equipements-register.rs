//! `POST /equipements/register`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::register::handle)
}
