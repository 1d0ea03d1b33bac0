//! Settings that a function reads when it starts.

use std::path::Path;

use crate::support::{Function, Table, command, event, root};

#[tokio::test]
async fn a_missing_setting_is_reported() {
    for name in ["PARC_TABLE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PARC_CURSOR_KEY"] {
        for unset in [true, false] {
            let mut command = command("clients-all", "http://127.0.0.1:1");
            if unset {
                command.env_remove(name)
            } else {
                command.env(name, "")
            };
            let output = command.output().await.expect("an output");
            assert!(!output.status.success());
            let log = String::from_utf8(output.stdout).expect("text");
            assert!(log.contains(&format!("the environment variable {name} is not set")), "{log}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_a_url_is_reported() {
    for endpoint in ["172.17.0.1:8001", "localhost", "ftp://x", "http://"] {
        let output = command("clients-all", endpoint).output().await.expect("an output");
        assert!(!output.status.success());
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(log.contains("is not a URL") && log.contains(endpoint), "{log}");
    }
}

#[tokio::test]
async fn an_unusable_file_of_root_certificates_is_reported() {
    let readme = root().join("README.md");
    for (file, cause) in [(Path::new("/missing.pem"), "No such file"), (&readme, "contains no PEM certificate")] {
        let output = command("clients-all", "http://127.0.0.1:1").env("AWS_CA_BUNDLE", file).output().await;
        let output = output.expect("an output");
        assert!(!output.status.success());
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(log.contains(&format!("AWS_CA_BUNDLE {}", file.display())) && log.contains(cause), "{log}");
    }
}

#[tokio::test]
async fn the_endpoint_of_all_services_applies_to_the_table() {
    let table = Table::new().await;
    let mut command = command("clients-all", "");
    command.env("AWS_ENDPOINT_URL", table.url());
    let function = Function::start(command).await;
    assert_eq!(function.answer(event("clients-all")).await["statusCode"], 200);
}
