//! `POST /sites/{site_id}/reactivate`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::reactivate::handle)
}
