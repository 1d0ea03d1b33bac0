//! `PUT /sites/update`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::update::handle)
}
