//! `POST /sites/register`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::register::handle)
}
