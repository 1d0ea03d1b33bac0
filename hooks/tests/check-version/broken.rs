//! Versions that do not work, and services that do not answer.

use std::time::Duration;

use lambda_simulator::InvocationStatus;
use testkit::TestTable;

use crate::aws::{Aws, Code};
use crate::{Outcome, deploy, name_of, run_hook, start, start_with};

/// Nothing listens there.
const UNREACHABLE: &str = "http://127.0.0.1:1";

/// Fails unless the hook reported a failure, and wrote one line with all of these words.
fn assert_failed(outcome: &Outcome, words: &[&str]) {
    let Outcome { ended, reports, log } = outcome;
    assert_eq!((ended, &reports[..]), (&InvocationStatus::Success, &["Failed".to_owned()][..]), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(words.iter().all(|word| log.contains(word)), "{words:?}: {log}");
}

#[tokio::test]
async fn a_version_without_its_table_fails() {
    let table = TestTable::new().await;
    for (resource, binary) in
        [("ClientsAll", "clients-all"), ("SitesRegister", "sites-register"), ("EquipementsInfos", "equipements-infos")]
    {
        let function = name_of(resource);
        let outcome = deploy(&function, start_with(binary, table.url(), "missing").await).await;
        assert_failed(&outcome, &[&function, "the version does not work", "answered 503, expected"]);
    }
}

#[tokio::test]
async fn a_version_that_cannot_reach_its_table_fails() {
    let outcome = deploy(&name_of("Docs"), start("clients-infos", UNREACHABLE).await).await;
    assert_failed(&outcome, &["GET /docs answered 503, expected 200"]);
}

#[tokio::test]
async fn a_version_that_answers_another_status_fails() {
    let table = TestTable::new().await;
    let outcome = deploy(&name_of("ClientsAll"), start("sites-infos", table.url()).await).await;
    assert_failed(&outcome, &["GET /clients/all answered 404, expected 200", r#""version":"8""#]);
}

#[tokio::test]
async fn a_version_that_crashes_fails() {
    assert_failed(&deploy(&name_of("ClientsAll"), Code::Crash).await, &["the function failed: Unhandled"]);
}

#[tokio::test]
async fn a_version_that_does_not_answer_http_fails() {
    for payload in ["", "null", "[]", "{}", r#"{"statusCode": "200"}"#] {
        let outcome = deploy(&name_of("ClientsAll"), Code::Payload(payload)).await;
        assert_failed(&outcome, &["the answer is not a response for API Gateway"]);
    }
}

#[tokio::test]
async fn an_unknown_function_fails() {
    for function in [name_of("Nightly"), "other-ClientsAll-1A2B3C4D5E6F".to_owned()] {
        let outcome = deploy(&function, Code::Payload(r#"{"statusCode": 200}"#)).await;
        assert_failed(&outcome, &[&function, "is not a function of the stack"]);
    }
}

#[tokio::test]
async fn a_version_that_lambda_refuses_to_invoke_fails() {
    let refused = Code::Refusals(vec![(404, "ResourceNotFoundException")], "");
    let outcome = deploy(&name_of("ClientsAll"), refused).await;
    assert_failed(&outcome, &["Lambda did not invoke the version", "ResourceNotFoundException"]);
}

#[tokio::test]
async fn an_unreachable_lambda_fails_the_version_in_time() {
    let aws = Aws::start(&name_of("ClientsAll"), Code::Crash).await;
    let environment = [("AWS_ENDPOINT_URL_LAMBDA", UNREACHABLE)];
    let outcome = run_hook(&aws, environment, Duration::from_secs(6)).await;
    assert_failed(&outcome, &["d-XIKV31XV8", "the version was not checked in time"]);
}

#[tokio::test]
async fn an_unreachable_codedeploy_fails_the_hook() {
    let aws = Aws::start(&name_of("ClientsAll"), Code::Crash).await;
    let environment = [("AWS_ENDPOINT_URL_CODEDEPLOY", UNREACHABLE)];
    let Outcome { ended, reports, log } = run_hook(&aws, environment, Duration::from_secs(6)).await;
    assert_eq!((ended, reports.len()), (InvocationStatus::Error, 0), "{log}");
    assert!(log.contains("the event failed") && log.contains("CodeDeploy did not accept the report in time"), "{log}");
}
