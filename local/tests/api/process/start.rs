//! The first lines that the program prints, and the log.

use super::{Parc, run, text};

#[tokio::test]
async fn the_first_lines_name_the_url_the_data_and_the_documentation() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut parc = Parc::in_folder(folder.path()).await;
    let data = parc.line().await;
    let start = format!("data: table parc in {}, DynamoDB emulator at ", text(folder.path()));
    // Scripts connect to the last word of the second line.
    let emulator = data.strip_prefix(&start).unwrap_or_else(|| panic!("{data}"));
    assert!(reqwest::get(emulator).await.expect("an answer").text().await.expect("text").starts_with("healthy"));
    let documentation = parc.line().await;
    assert_eq!(documentation, format!("documentation: {}/docs", parc.url));
    assert_eq!(parc.line().await, "the table is empty; `cargo run -- --demo` fills it with sample data");
}

#[tokio::test]
async fn demo_fills_a_table_in_memory_before_serving() {
    let mut parc = Parc::start(&["--memory", "--demo"]).await;
    assert_eq!(parc.codes().await.len(), 200);
    assert!(parc.line().await.starts_with("data: table parc in memory, lost at the end, DynamoDB emulator at http"));
    parc.line().await;
    assert_eq!(parc.line().await, "sample data: 200 clients, 334 sites and 717 équipements");
}

#[tokio::test]
async fn a_log_in_a_file_has_no_colours() {
    let parc = Parc::start(&["--memory"]).await;
    assert_eq!(parc.register(12).await, Some(12));
    parc.signal("INT").await;
    let log = parc.ended().await.stderr;
    assert!(log.contains("POST /clients/register") && !log.contains('\u{1b}'), "{log}");
}

#[tokio::test]
async fn a_public_address_needs_a_flag() {
    let refused = run(&["--memory", "--port", "0", "--address", "0.0.0.0"]).await.stderr;
    assert!(refused.starts_with("error: refusing to listen on 0.0.0.0: "), "{refused}");
    assert!(refused.contains("--open-to-anyone"), "{refused}");
    let parc = Parc::start(&["--memory", "--address", "::1"]).await;
    assert_eq!(parc.register(12).await, Some(12));
    let parc = Parc::start(&["--memory", "--address", "0.0.0.0", "--open-to-anyone"]).await;
    assert!(parc.url.starts_with("http://0.0.0.0:"), "{}", parc.url);
}

#[tokio::test]
async fn other_hosts_need_a_flag() {
    for (options, status) in [(&["--memory"][..], 403), (&["--memory", "--open-to-anyone"], 200)] {
        let parc = Parc::start(options).await;
        let request = reqwest::Client::new().get(format!("{}/clients/all", parc.url)).header("host", "parc.example");
        assert_eq!(request.send().await.expect("an answer").status(), status, "{options:?}");
    }
}

#[tokio::test]
async fn cors_allows_the_origins_that_are_named() {
    let parc = Parc::start(&["--memory", "--cors", "http://localhost:5173", "--cors", "http://localhost:3000"]).await;
    for (origin, status) in
        [("http://localhost:5173", 200), ("http://localhost:3000", 200), ("http://localhost:1", 403)]
    {
        let request = reqwest::Client::new().get(format!("{}/clients/all", parc.url)).header("origin", origin);
        assert_eq!(request.send().await.expect("an answer").status(), status, "{origin}");
    }
    let refused = run(&["--cors", "localhost:5173"]).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stderr.starts_with("error: ") && refused.stderr.contains("not an origin"), "{}", refused.stderr);
}
