use functions::docs::Access;
use functions::{Operation, Route, routes};
use serde_json::{Map, Value, json};
use shared::http::Failure;
use shared::store::StoreError;
use thiserror::Error;

/// An identifier that no entity has: version 7, at the start of 1970.
const UNKNOWN_ID: &str = "00000000-0000-7000-8000-000000000000";

/// A request that reads from the table if its route does, and changes nothing.
#[derive(Debug)]
pub struct Probe {
    /// Key of the route.
    pub route: String,
    /// Status of the response of a version that works.
    pub expected: u16,
    method: &'static str,
    path: String,
    parameters: Map<String, Value>,
    query: &'static str,
    body: Option<Value>,
}

/// Why a function has no probes. The hook then reports a failure, because the function is not checked.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum NoProbe {
    /// The function is not one of the stack.
    #[error("the function {function} is not a function of the stack {stack:?} that serves a route")]
    Function {
        /// Name of the Lambda function.
        function: String,
        /// Name of the stack.
        stack: String,
    },
    /// No request is known that changes nothing.
    #[error("no request of {0} is known to change nothing: add a rule to hooks/src/probe.rs")]
    Route(String),
}

/// Returns the binary that a Lambda function runs, such as `clients-all` for `parc-prod-ClientsAll-1A2B3C4D5E6F`.
///
/// CloudFormation makes the name from those of the stack and of the resource, and a random end. A resource is named like
/// its binary. A name that CloudFormation cut, because the stack's is long, belongs to no binary.
///
/// # Errors
/// Returns [`NoProbe::Function`] if the name does not have this form, or belongs to no binary that serves a route.
pub fn binary_of(function: &str, stack: &str) -> Result<&'static str, NoProbe> {
    let rest = function.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-'));
    let resource = rest.and_then(|rest| rest.split_once('-')).map(|(resource, _)| resource.to_ascii_lowercase());
    let found = routes(Access::Token).into_iter().map(|route| route.name);
    let mut found = found.filter(|name| resource.as_deref() == Some(&name.replace('-', "")));
    found.next().ok_or_else(|| NoProbe::Function { function: function.to_owned(), stack: stack.to_owned() })
}

/// Returns a probe for each route that a binary serves.
///
/// # Errors
/// Returns [`NoProbe::Route`].
pub fn probes(binary: &str) -> Result<Vec<Probe>, NoProbe> {
    routes(Access::Token).iter().filter(|route| route.name == binary).map(Probe::of).collect()
}

impl Probe {
    fn of(route: &Route) -> Result<Self, NoProbe> {
        let operation = route.operation.map(|describe| describe());
        let rule = Rule::of(route, operation.as_ref()).ok_or_else(|| NoProbe::Route(route.key()))?;
        let parameters = parameters(route.path);
        let path = parameters
            .iter()
            .fold(route.path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), UNKNOWN_ID));
        Ok(Self {
            route: route.key(),
            expected: rule.expected,
            method: route.method,
            path,
            parameters: parameters.into_iter().map(|name| (name.to_owned(), UNKNOWN_ID.into())).collect(),
            query: rule.query,
            body: operation.filter(|operation| operation.body.is_some()).map(|_| rule.body),
        })
    }

    /// Returns the event that API Gateway would send, in payload format 2.0. The deployment's identifier is that of the
    /// request, which the version logs.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
    #[must_use]
    pub fn event(&self, request_id: &str) -> Value {
        let Self { route, method, path, parameters, query, body, .. } = self;
        json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query,
            "headers": { "content-type": "application/json", "host": "check-version", "x-forwarded-proto": "https" },
            "pathParameters": parameters,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "check-version",
                "domainName": "check-version",
                "domainPrefix": "check-version",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "check-version",
                },
                "requestId": request_id,
                "routeKey": route,
                "stage": "$default",
                "time": "01/Jan/1970:00:00:00 +0000",
                "timeEpoch": 0,
            },
            "body": body.as_ref().map(Value::to_string),
            "isBase64Encoded": false,
        })
    }
}

/// Names of the parameters of a path.
fn parameters(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// Request to a kind of route, and the status of its response.
struct Rule {
    expected: u16,
    query: &'static str,
    body: Value,
}

impl Rule {
    /// Returns the rule for a route, from its documented failures; `None` if no rule is known to change nothing.
    fn of(route: &Route, operation: Option<&Operation>) -> Option<Self> {
        let rule = |expected| Self { expected, query: "", body: json!({}) };
        let has_parameters = !parameters(route.path).is_empty();
        let Some(operation) = operation else {
            // The documentation does not use the table.
            return Some(rule(match route.path {
                "/" => 307,
                _ if has_parameters => 404,
                _ => 200,
            }));
        };
        if operation.batch {
            return Some(Self { query: "dry_run=true", body: batch_about_an_unknown_client(), ..rule(200) });
        }
        let is_unknown = |failure: &Failure| matches!(failure, Failure::Store(StoreError::Unknown(_)));
        if operation.paged && !has_parameters {
            return Some(Self { query: "limit=1", ..rule(200) });
        }
        if operation.failures.iter().any(is_unknown) {
            return Some(Self { body: about_unknown_entities(), ..rule(404) });
        }
        // It creates an entity without a parent. Only an invalid request changes nothing, and it does not reach the table.
        operation.body.is_some().then(|| rule(422))
    }
}

/// Returns a body that is valid for every operation on an entity, or below one, because unknown fields are ignored.
fn about_unknown_entities() -> Value {
    json!({
        "client_id": UNKNOWN_ID,
        "site_id": UNKNOWN_ID,
        "equipement_id": UNKNOWN_ID,
        "nom": "check-version",
        "code": 1,
    })
}

/// Returns a batch that changes nothing even if it is not a dry run.
fn batch_about_an_unknown_client() -> Value {
    let body = json!({ "client_id": UNKNOWN_ID });
    json!({ "operations": [{ "op": "deactivate", "kind": "client", "body": body }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_a_probe() {
        for route in routes(Access::Token) {
            assert!(Probe::of(&route).is_ok(), "{}", route.key());
        }
    }

    #[test]
    fn a_batch_is_probed_by_a_dry_run() {
        let probes = probes("batch-run").expect("probes");
        let [probe] = &probes[..] else { panic!("{probes:?}") };
        assert_eq!((probe.expected, probe.query), (200, "dry_run=true"));
    }

    #[test]
    fn the_name_of_a_function_contains_that_of_its_binary() {
        assert_eq!(binary_of("parc-prod-ClientsAll-1A2B3C4D5E6F", "parc-prod"), Ok("clients-all"));
        assert_eq!(binary_of("parc-prod-Docs-1A2B3C4D5E6F", "parc-prod"), Ok("docs"));
    }

    #[test]
    fn a_function_of_no_route_is_refused() {
        for (function, stack) in [
            ("parc-prod-2-ClientsAll-1A2B3C4D5E6F", "parc-prod"),
            ("parc-prod-ClientsAll", "parc-prod"),
            ("parc-prod-ClientsAl-1A2B3C4D5E6F", "parc-prod"),
            ("parc-prod-Nightly-1A2B3C4D5E6F", "parc-prod"),
            ("CodeDeployHook_parc-prod", "parc-prod"),
            ("ClientsAll-1A2B3C4D5E6F", ""),
            ("-ClientsAll-", "other"),
        ] {
            let refused = NoProbe::Function { function: function.to_owned(), stack: stack.to_owned() };
            assert_eq!(binary_of(function, stack), Err(refused));
        }
    }
}
