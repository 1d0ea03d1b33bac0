//! `PUT /clients/update`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::clients::update::handle)
}
