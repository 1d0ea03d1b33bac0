//! Checks of the template: authorization, throttles, alarms, dashboard, retention.

use std::collections::BTreeSet;
use std::fs;

use functions::docs::Access;
use functions::{Route, routes};
use serde_json::{Map, Value, json};
use testkit::template::template;

use crate::support::root;

/// The sets of dimensions that a metric is published with.
type Sets = &'static [&'static [&'static str]];

/// Metrics that AWS documents, and the sets of dimensions that each is published with. HTTP APIs have other
/// dimensions than REST APIs; a table's metrics do not include those of its indexes.
///
/// Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>.
const DOCUMENTED: [(&str, &[&str], Sets); 4] = [
    // parc's own, in `shared/src/telemetry.rs`.
    ("AWS::StackName", &["conflicts", "faults", "retries"], &[&[], &["route"]]),
    (
        "AWS/ApiGateway",
        &["4xx", "5xx", "Count", "IntegrationLatency", "Latency"],
        &[&["ApiId"], &["ApiId", "Stage"], &["ApiId", "Stage", "Method", "Resource"]],
    ),
    ("AWS/Lambda", &["Duration", "Invocations", "Throttles"], &[&[], &["FunctionName"]]),
    (
        "AWS/DynamoDB",
        &["ReadThrottleEvents", "WriteThrottleEvents", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"],
        &[&["TableName"], &["TableName", "GlobalSecondaryIndexName"]],
    ),
];

fn is_documented(namespace: &str, metric: &str, dimensions: &[&str]) -> bool {
    let of = DOCUMENTED.iter().filter(|(known, metrics, _)| *known == namespace && metrics.contains(&metric));
    of.flat_map(|(_, _, sets)| *sets).any(|set| *set == dimensions)
}

/// The resources of one type, by their names.
fn resources(kind: &str) -> Map<String, Value> {
    let Value::Object(all) = template().expect("the template")["Resources"].take() else { panic!("no resources") };
    all.into_iter().filter(|(_, resource)| resource["Type"] == kind).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

#[test]
fn every_route_except_documentation_requires_its_scope() {
    let mut seen = BTreeSet::new();
    for (name, function) in resources("AWS::Serverless::Function") {
        for event in function["Properties"]["Events"].as_object().into_iter().flat_map(Map::values) {
            let properties = &event["Properties"];
            let key = format!("{} {}", text(&properties["Method"]), text(&properties["Path"]));
            let documentation = name == "Docs" || name == "Openapi";
            let expected = match text(&properties["Method"]) {
                _ if documentation => json!({ "Authorizer": "NONE" }),
                "GET" => json!({ "AuthorizationScopes": ["parc/read"] }),
                _ => json!({ "AuthorizationScopes": ["parc/write"] }),
            };
            assert_eq!(properties["Auth"], expected, "{key} in template.yaml must require the scope of its method");
            seen.insert(key);
        }
    }
    assert!(seen.len() >= routes(Access::Token).len(), "only {} routes in template.yaml", seen.len());
    let apis = resources("AWS::Serverless::HttpApi");
    let authorizer = &apis["Api"]["Properties"]["Auth"];
    assert_eq!(authorizer["DefaultAuthorizer"], "Token", "a route without settings must require a token");
}

#[test]
fn routes_have_their_throttles_and_maintenance_closes_them() {
    let apis = resources("AWS::Serverless::HttpApi");
    let api = &apis["Api"]["Properties"];
    let throttle = |limit: Value| json!({ "ThrottlingRateLimit": limit, "ThrottlingBurstLimit": limit });
    let at = |rate: &str| throttle(json!(["InMaintenance", 0, rate]));
    assert_eq!(api["DefaultRouteSettings"], at("RequestsPerSecond"));
    let limit = |route: &Route| match route {
        // The documentation does not use the table.
        Route { operation: None, .. } => Some(throttle(json!("DocumentationPerSecond"))),
        route if route.path.ends_with("/all") => Some(at("ListsPerSecond")),
        _ => None,
    };
    let own = routes(Access::Token).into_iter().filter_map(|route| Some((route.key(), limit(&route)?)));
    let expected: Map<_, _> = own.collect();
    assert_eq!(api["RouteSettings"], Value::Object(expected));
}

/// Returns the metrics of an alarm: its own, or those of its expression.
fn metrics(alarm: &Value) -> Vec<&Value> {
    match alarm["Metrics"].as_array() {
        Some(metrics) => {
            metrics.iter().map(|metric| &metric["MetricStat"]["Metric"]).filter(|it| !it.is_null()).collect()
        }
        None => vec![alarm],
    }
}

#[test]
fn every_alarm_has_a_published_metric_and_an_action() {
    let mut watched = BTreeSet::new();
    for (name, alarm) in resources("AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        for metric in metrics(alarm) {
            let dimensions: Vec<_> = metric["Dimensions"].as_array().into_iter().flatten().collect();
            let names: Vec<_> = dimensions.iter().map(|dimension| text(&dimension["Name"])).collect();
            let (namespace, metric) = (text(&metric["Namespace"]), text(&metric["MetricName"]));
            assert!(is_documented(namespace, metric, &names), "{name}: {namespace} {metric} {names:?}");
            let place = dimensions.last().map_or("", |dimension| text(&dimension["Value"]));
            watched.insert(format!("{metric} {place}"));
        }
        // No data means no requests, which must not raise an alarm.
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        // A single fault stops a deployment, and must not wake anybody.
        let action = if name.starts_with("Deployment") { Value::Null } else { json!(["Alarms"]) };
        assert_eq!([&alarm["AlarmActions"], &alarm["OKActions"]], [&action, &action], "{name}");
    }
    for place in ["Table", "GSI1", "GSI2"] {
        for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] {
            assert!(watched.contains(&format!("{metric} {place}")), "no alarm for {metric} of {place}");
        }
    }
    for metric in ["5xx Api", "4xx Api", "Latency Api", "Throttles ", "faults "] {
        assert!(watched.contains(metric), "no alarm for {metric}");
    }
}

/// Expands a metric of the dashboard: `.` and `...` repeat values of the metric before it.
fn expand(metric: &Value, before: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for word in metric.as_array().expect("a metric").iter().filter_map(Value::as_str) {
        match word {
            "..." => words.extend_from_slice(&before[words.len()..]),
            "." => words.push(before[words.len()].clone()),
            word => words.push(word.to_owned()),
        }
    }
    words
}

/// Returns the searches for metrics that exist: counts of the functions' own log lines, by route, and Lambda's
/// metrics of the stack's functions, whose names start with that of the stack.
///
/// A namespace with a dash needs quotes. A name without quotes is a part of the whole name.
fn searches() -> Vec<String> {
    let ours = ["conflicts", "retries", "faults"]
        .map(|name| format!("SEARCH('{{\"${{AWS::StackName}}\",route}} MetricName=\"{name}\"', 'Sum', 60)"));
    let of_lambda = [("Invocations", "Sum"), ("Duration", "p95")].map(|(name, statistic)| {
        assert!(is_documented("AWS/Lambda", name, &["FunctionName"]));
        let functions = "{AWS/Lambda,FunctionName}";
        format!("SEARCH('{functions} MetricName=\"{name}\" FunctionName=${{AWS::StackName}}', '{statistic}', 60)")
    });
    ours.into_iter().chain(of_lambda).collect()
}

#[test]
fn the_dashboard_shows_published_metrics() {
    let dashboards = resources("AWS::CloudWatch::Dashboard");
    let body: Value =
        serde_json::from_str(text(&dashboards["Dashboard"]["Properties"]["DashboardBody"])).expect("JSON");
    let mut count = 0;
    for widget in body["widgets"].as_array().expect("widgets") {
        let mut before = Vec::new();
        for metric in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            before = expand(metric, &before);
            if let [namespace, name, dimensions @ ..] = &before[..] {
                let names: Vec<_> = dimensions.iter().step_by(2).map(String::as_str).collect();
                assert!(is_documented(namespace, name, &names), "{before:?}");
                count += 1;
            } else {
                let search = text(&metric[0]["expression"]);
                assert!(searches().contains(&search.to_owned()), "{search}");
            }
        }
    }
    assert!(count > 10, "{count} metrics");
}

#[test]
fn the_hook_may_invoke_every_function() {
    let functions = resources("AWS::Serverless::Function");
    let roles = resources("AWS::IAM::Role");
    let policy = &roles["CheckVersionRole"]["Properties"]["Policies"][0]["PolicyDocument"];
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let mut invocations = statements.filter(|statement| statement["Action"] == "lambda:InvokeFunction");
    let invocation = invocations.next().expect("a right to invoke");
    assert!(invocations.next().is_none());
    let allowed = invocation["Resource"].as_array().expect("functions").iter().map(text);
    let checked = functions.keys().filter(|name| *name != "CheckVersion").map(|name| format!("${{{name}.Arn}}:*"));
    assert_eq!(allowed.map(str::to_owned).collect::<BTreeSet<_>>(), checked.collect(), "Resource of CheckVersionRole");
}

#[test]
fn table_and_logs_are_kept_when_the_stack_is_deleted() {
    let tables = resources("AWS::DynamoDB::Table");
    let table = &tables["Table"];
    let properties = &table["Properties"];
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    let recovery = &properties["PointInTimeRecoverySpecification"];
    assert_eq!(*recovery, json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35 }));
    let logs = resources("AWS::Logs::LogGroup");
    assert!(logs.len() >= 2, "log groups of the functions and of the API");
    for group in logs.values() {
        // The logs of a first deployment that failed are empty.
        assert_eq!([&group["DeletionPolicy"], &group["UpdateReplacePolicy"]], ["RetainExceptOnCreate", "Retain"]);
    }
    assert_eq!([&table["DeletionPolicy"], &table["UpdateReplacePolicy"]], ["Retain", "Retain"]);
}

#[test]
fn secrets_of_callers_are_kept_when_another_issuer_is_set() {
    for kind in ["UserPool", "UserPoolDomain", "UserPoolResourceServer", "UserPoolClient"] {
        for (name, resource) in resources(&format!("AWS::Cognito::{kind}")) {
            let policies = [&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]];
            assert_eq!(policies, ["Retain", "Retain"], "{name}");
        }
    }
    for pool in resources("AWS::Cognito::UserPool").values() {
        assert_eq!(pool["Properties"]["DeletionProtection"], "ACTIVE");
    }
}

#[test]
fn only_access_logs_are_in_the_infrequent_access_class() {
    let groups = resources("AWS::Logs::LogGroup");
    let apis = resources("AWS::Serverless::HttpApi");
    assert_eq!(apis["Api"]["Properties"]["AccessLogSettings"]["DestinationArn"], "ApiLogs.Arn");
    assert_eq!(groups["ApiLogs"]["Properties"]["LogGroupClass"], "INFREQUENT_ACCESS");
    // Without the standard class, CloudWatch would not read the metrics in the functions' lines.
    assert_eq!(groups["Logs"]["Properties"]["LogGroupClass"], Value::Null);
}

#[test]
fn every_alarm_has_a_section_in_the_runbook() {
    let runbook = fs::read_to_string(root().join("RUNBOOK.md")).expect("the runbook");
    let sections: Vec<_> = runbook.lines().filter(|line| line.starts_with("## ")).collect();
    for name in resources("AWS::CloudWatch::Alarm").keys() {
        assert!(sections.iter().any(|section| section.contains(name.as_str())), "{name} is not in the runbook");
    }
}
