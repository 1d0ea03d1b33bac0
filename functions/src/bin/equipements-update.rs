//! `PUT /equipements/update`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::equipements::update::handle)
}
