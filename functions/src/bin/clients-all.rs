//! `GET /clients/all`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::all::handle)
}
