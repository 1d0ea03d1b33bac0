//! `POST /lot`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::batch::run::handle)
}
