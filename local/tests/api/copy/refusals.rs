//! Copies that are refused before anything is written.

use testkit::raw::number;
use testkit::{Fault, Proxy, template};

use super::{SOURCE, TARGET, Tables, copy, key, sorted};

/// The error of a table without a policy.
const NO_POLICY: (u16, &str) =
    (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#PolicyNotFoundException","message":"none"}"#);

impl Tables {
    /// Checks that a copy with these options is refused with this error, and changes neither table.
    async fn assert_refused(&self, endpoint: &str, options: &[&str], error: &str) {
        let before = [sorted(self.source().items().await), sorted(self.target.items().await)];
        let refused = copy(endpoint, options).await;
        assert!(refused.error().contains(error), "{error:?} is not in {}", refused.error());
        let after = [sorted(self.source().items().await), sorted(self.target.items().await)];
        assert!(before == after, "{error}: a table changed");
    }
}

#[tokio::test]
async fn tables_that_cannot_be_copied_are_refused() {
    let tables = Tables::new().await;
    let url = tables.fixture.api.endpoint();
    let idle = |from, to| ["--target-is-idle", "--from", from, "--to", to];
    let refused = async |from, to, error: &str| {
        let mut parc = tokio::process::Command::new(env!("CARGO_BIN_EXE_parc"));
        let parc = parc.args(["copy", "--endpoint", url]).args(idle(from, to));
        let ended = super::Ended::of(parc.output().await.expect("an output"));
        assert!(ended.error().contains(error), "{error:?} is not in {}", ended.error());
    };
    refused(TARGET, TARGET, "--from and --to are the same table, cible; name two tables").await;
    refused("lost", TARGET, &format!("there is no table lost at {url}; check --from")).await;
    refused(SOURCE, "lost", &format!("there is no table lost at {url}; check --to")).await;
    refused(TARGET, SOURCE, "table cible has no items, and a copy would delete every item of table parc").await;
    tables.source().set(["LAYOUT", "LAYOUT"], "layout", number(4)).await;
    tables.assert_refused(url, &["--target-is-idle"], "table parc has layout 4").await;
    tables.source().set(["LAYOUT", "LAYOUT"], "layout", number(3)).await;
    tables.target.set(["LAYOUT", "LAYOUT"], "layout", number(2)).await;
    tables.assert_refused(url, &["--target-is-idle"], "table cible has layout 2").await;
}

#[tokio::test]
async fn tables_without_a_layout_item_stay_without_it() {
    let tables = Tables::new().await;
    for table in [&tables.source(), &tables.target] {
        table.delete(["LAYOUT", "LAYOUT"]).await;
    }
    let url = tables.fixture.api.endpoint();
    tables.assert_refused(url, &[], "cannot check that nothing writes to table cible").await;
    tables.copy().await.assert_success();
    tables.assert_equal().await;
}

#[tokio::test]
async fn a_source_with_findings_is_refused() {
    let tables = Tables::new().await;
    tables.source().delete(key(&tables.fixture.copy_key())).await;
    let url = tables.fixture.api.endpoint();
    let error = "table parc has findings; nothing was copied: run `verify --repair --table parc` with the same --endpoint first";
    tables.assert_refused(url, &["--target-is-idle"], error).await;
}

#[tokio::test]
async fn a_target_that_takes_writes_is_refused() {
    let tables = Tables::new().await;
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![]).await;
    tables.assert_refused(proxy.url(), &[], "this endpoint has no resource-based policies. Stop everything").await;
    proxy.add(Fault::next("GetResourcePolicy", 1).answers(NO_POLICY));
    let takes_writes =
        "table cible accepts writes from the functions: its policy does not deny them. Set Maintenance=true";
    tables.assert_refused(proxy.url(), &[], takes_writes).await;
    proxy.add(Fault::next("GetResourcePolicy", 1).answers((200, r#"{"Policy":"{\"Statement\":[]}"}"#)));
    tables.assert_refused(proxy.url(), &[], takes_writes).await;
    proxy.add(Fault::next("GetResourcePolicy", 1).answers((400, r#"{"__type":"x#AccessDeniedException"}"#)));
    tables.assert_refused(proxy.url(), &[], "AccessDeniedException").await;
}

#[tokio::test]
async fn a_target_in_maintenance_is_accepted() {
    let tables = Tables::new().await;
    let template = template::template().expect("the template");
    let policy = template.pointer("/Resources/Table/Properties/ResourcePolicy/1/PolicyDocument").expect("a policy");
    let answer = serde_json::json!({ "Policy": policy.to_string() }).to_string().leak();
    let maintenance = Fault::always("GetResourcePolicy").answers((200, answer));
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![maintenance]).await;
    copy(proxy.url(), &[]).await.assert_success();
    tables.assert_equal().await;
}

#[tokio::test]
async fn options_of_other_tables_are_refused() {
    for (options, error) in [
        (&["--from", "a", "--to", "b"][..], "--endpoint"),
        (&["--endpoint", "http://127.0.0.1:1", "--from", "a", "--to", "b", "--table", "c"], "--table"),
        (&["--memory", "--from", "a", "--to", "b"], "--memory"),
    ] {
        let mut parc = tokio::process::Command::new(env!("CARGO_BIN_EXE_parc"));
        let output = parc.arg("copy").args(options).output().await.expect("an output");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.code() == Some(2) && stderr.contains(error), "{options:?}: {stderr}");
    }
}
