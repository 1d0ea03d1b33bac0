//! `GET /sites/{site_id}/historique`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::history::handle)
}
