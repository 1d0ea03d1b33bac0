//! Hook that CodeDeploy calls before a new version gets requests

fn main() -> std::process::ExitCode {
    shared::runtime::serve_sdk_events(hooks::check_version)
}
