//! `GET /sites/{site_id}/history`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::history::handle)
}
