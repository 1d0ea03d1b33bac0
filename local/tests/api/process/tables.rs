//! Location of the table, and how long it is kept.

use futures_util::StreamExt;
use futures_util::stream;
use testkit::embedded::Embedded;

use super::{Parc, failure, run, text};

#[tokio::test]
async fn registered_clients_are_kept_after_ctrl_c() {
    let folder = tempfile::tempdir().expect("a folder");
    let parc = Parc::in_folder(folder.path()).await;
    assert_eq!(parc.register(12).await, Some(12));
    assert!(parc.interrupt().await.ends_with("\nparc has stopped\n"));
    assert_eq!(Parc::in_folder(folder.path()).await.codes().await, [12]);
}

#[tokio::test]
async fn answered_writes_are_kept_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut parc = Parc::in_folder(folder.path()).await;
    let mut answered = Vec::new();
    {
        let mut answers = stream::iter(0..).map(|code| parc.register(code)).buffer_unordered(8);
        while answered.len() < 50 {
            answered.extend(answers.next().await.flatten());
        }
    }
    parc.process.kill().await.expect("an end");
    let kept = Parc::in_folder(folder.path()).await.codes().await;
    answered.retain(|code| !kept.contains(code));
    assert_eq!(answered, [0; 0], "lost");
}

#[tokio::test]
async fn a_table_in_memory_is_lost_at_the_end() {
    let parc = Parc::start(&["--memory"]).await;
    assert_eq!(parc.register(12).await, Some(12));
    assert_eq!(Parc::start(&["--memory"]).await.codes().await, [0; 0]);
}

#[tokio::test]
async fn a_table_at_an_endpoint_is_created_once() {
    let engine = Embedded::in_memory().expect("an engine");
    let parc = Parc::start(&["--endpoint", engine.url()]).await;
    assert_eq!(parc.register(12).await, Some(12));
    parc.interrupt().await;
    assert_eq!(Parc::start(&["--endpoint", engine.url()]).await.codes().await, [12]);
}

#[tokio::test]
async fn demo_fills_an_empty_table_once_and_consistently() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = text(folder.path());
    let filled = run(&["demo", "--data", path]).await;
    assert!(filled.status.success());
    assert!(filled.stdout.ends_with("200 clients, 334 sites and 717 équipements\n"), "{}", filled.stdout);
    assert!(failure(&["demo", "--data", path]).await.contains("the table is not empty"));
    let verified = run(&["verify", "--data", path]).await;
    assert!(verified.status.success());
    assert_eq!(verified.stdout, "3832 items: 0 wrong, 0 repaired, 0 not checked\n");
    let mut parc = Parc::start(&["--data", path, "--demo"]).await;
    parc.line().await;
    parc.line().await;
    assert_eq!(parc.line().await, "the table is not empty: --demo left it as it is");
    assert_eq!(parc.codes().await.len(), 200);
}
