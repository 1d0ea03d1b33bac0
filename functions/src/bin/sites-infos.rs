//! `GET /sites/{site_id}/infos`

fn main() -> std::process::ExitCode {
    shared::runtime::serve(functions::sites::infos::handle)
}
