//! `GET /sites/all`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::all::handle)
}
