//! `POST /clients/register`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::register::handle)
}
