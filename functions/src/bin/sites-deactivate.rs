//! `DELETE /sites/{site_id}`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::deactivate::handle)
}
