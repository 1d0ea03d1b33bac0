//! A function has pieces in several files. Each test reports every missing piece in one sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use functions::docs::{Access, document};
use functions::{EVENT_FUNCTIONS, Route};
use serde_json::{Map, Value};
use testkit::template::template;

use crate::support::{event, root};

type Names = BTreeSet<String>;

fn routes() -> Vec<Route> {
    functions::routes(Access::Token)
}

/// Returns the routes that callers use, without the documentation's.
fn operations() -> impl Iterator<Item = Route> {
    routes().into_iter().filter(|route| route.operation.is_some())
}

/// Returns what triggers each function of this package, by the name of its binary: the keys of its routes, or the type of
/// its event source.
fn triggers() -> BTreeMap<String, Names> {
    let of_routes = routes().into_iter().map(|route| (route.name.to_owned(), route.key()));
    let of_events = EVENT_FUNCTIONS.iter().map(|function| (function.name.to_owned(), function.source.to_owned()));
    let mut triggers: BTreeMap<_, Names> = BTreeMap::new();
    for (name, trigger) in of_routes.chain(of_events) {
        triggers.entry(name).or_default().insert(trigger);
    }
    triggers
}

/// Returns the names of all functions, sorted.
pub(crate) fn binaries() -> Names {
    triggers().into_keys().collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the names of the files in a folder that have this extension, without it.
fn files(folder: &str, extension: &str) -> Names {
    let entries = fs::read_dir(root().join(folder)).expect(folder);
    entries
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name in Unicode"))
        .filter_map(|name| name.strip_suffix(extension).map(str::to_owned))
        .collect()
}

/// Fails with a sentence for each missing piece, and for each piece that belongs to no known function.
fn assert_complete(location: &str, expected: &Names, found: &Names, fix: &str) {
    let missing = expected.difference(found).map(|piece| format!("{location} lacks {piece}: {fix}"));
    let unknown = found.difference(expected).map(|piece| {
        format!("{location} has {piece}, which functions/src/lib.rs does not list: add it there or remove it")
    });
    let problems: Vec<_> = missing.chain(unknown).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Like [`assert_complete`], for a text that must contain each piece.
fn assert_contains(file: &str, expected: impl Iterator<Item = String>, fix: &str) {
    let text = read(file);
    let missing: Vec<_> =
        expected.filter(|piece| !text.contains(piece)).map(|piece| format!("{file} lacks {piece}: {fix}")).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_function_has_a_binary() {
    assert_complete(
        "functions/src/bin",
        &binaries(),
        &files("functions/src/bin", ".rs"),
        "add NAME.rs; its main calls shared::runtime::serve with the handler",
    );
}

#[test]
fn every_binary_serves_the_handler_of_its_route() {
    let written = files("functions/src/bin", ".rs");
    for Route { name, operation, .. } in routes().into_iter().filter(|route| written.contains(route.name)) {
        let call = match (name, operation) {
            ("docs", _) => "serve_static(functions::docs::page::handle)".to_owned(),
            (_, None) => format!("serve_static(functions::docs::{name}::handle)"),
            (_, Some(_)) => format!("serve(functions::{}::handle)", name.replacen('-', "::", 1)),
        };
        assert_contains(&format!("functions/src/bin/{name}.rs"), [call].into_iter(), "its main must call it");
    }
}

#[test]
fn every_function_has_an_event() {
    let binaries = binaries();
    // `clients-all-nom` is another event of `clients-all`.
    let owner = |file: &String| binaries.iter().find(|name| file == *name || file.starts_with(&format!("{name}-")));
    let events = files("events", ".json");
    let unknown = events.iter().filter(|file| owner(file).is_none()).cloned();
    let found = events.iter().filter(|file| binaries.contains(*file)).cloned().chain(unknown).collect();
    assert_complete("events", &binaries, &found, "add NAME.json, which `sam local invoke` sends");
    for (file, name) in events.iter().filter_map(|file| Some((file, owner(file)?))) {
        let event = event(file);
        let key = event["routeKey"].as_str().unwrap_or_default();
        let is_route = routes().iter().any(|route| route.name == name && route.key() == key);
        let is_event = EVENT_FUNCTIONS.iter().any(|function| function.name == name);
        assert!(is_route || is_event, "events/{file}.json: its routeKey, {key:?}, is not a route of {name}");
        let context = &event["requestContext"];
        assert_eq!(event["routeKey"], context["routeKey"], "events/{file}.json names two routes");
        assert_eq!(context["requestId"], **file, "events/{file}.json: its requestId must be the name of the file");
        if is_route {
            let (rest, path) = (&event["rawPath"], key.split(' ').next_back().unwrap_or_default());
            assert_eq!(rest, &context["http"]["path"], "events/{file}.json has two paths");
            let is_of_route = has_shape(rest.as_str().unwrap_or_default(), path);
            assert!(is_of_route, "events/{file}.json: its rawPath, {rest}, is not one of {path}");
        }
    }
}

/// Returns `true` if a path has the segments of a route, with a value for each parameter.
fn has_shape(path: &str, route: &str) -> bool {
    let (path, route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len() && path.iter().zip(&route).all(|(part, name)| part == name || name.starts_with('{'))
}

#[test]
fn every_event_is_sent_by_a_test() {
    let tests = ["events", "documentation"].map(|name| read(&format!("functions/tests/lambda/{name}.rs"))).concat();
    let tested = files("events", ".json").into_iter().filter(|name| tests.contains(&format!("\"{name}\""))).collect();
    let fix = "send it in functions/tests/lambda/events.rs";
    assert_complete("the list of tested events", &files("events", ".json"), &tested, fix);
}

#[test]
fn every_function_is_in_the_template() {
    let template = template().expect("a template");
    let resources = template["Resources"].as_object().expect("resources").iter();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let trigger = |event: &Value| match text(&event["Type"]).as_str() {
        "HttpApi" => format!("{} {}", text(&event["Properties"]["Method"]), text(&event["Properties"]["Path"])),
        source => source.to_owned(),
    };
    let hooks = &template["Globals"]["Function"]["DeploymentPreference"]["Hooks"];
    let mut found = Names::new();
    for (logical_name, function) in functions {
        let code = text(&function["Properties"]["CodeUri"]);
        let name = code.strip_prefix("target/lambda/").expect("a folder of cargo-lambda");
        let events = function["Properties"]["Events"].as_object().into_iter().flat_map(Map::values);
        let hooks = hooks.as_object().expect("hooks").iter().filter(|(_, function)| *function == logical_name);
        let triggers: Vec<_> = events.map(trigger).chain(hooks.map(|(hook, _)| hook.clone())).collect();
        assert!(!triggers.is_empty(), "template.yaml: nothing triggers {name}: add an event");
        found.extend(triggers.iter().map(|trigger| entry(name, trigger)));
    }
    let expected = triggers();
    let expected = expected.iter().flat_map(|(name, triggers)| triggers.iter().map(|trigger| entry(name, trigger)));
    let hooks = files("hooks/src/bin", ".rs");
    let expected = expected.chain(hooks.iter().map(|name| entry(name, "PreTraffic"))).collect();
    assert_complete("template.yaml", &expected, &found, "add the function with its policies and its event");
}

fn entry(name: &str, trigger: &str) -> String {
    format!("{name} triggered by {trigger}")
}

#[test]
fn every_route_is_in_the_readme() {
    let row = |Route { name, method, path, .. }| format!("| `{method} {path}` | `{name}` |");
    assert_contains("README.md", routes().into_iter().map(row), "add a row to the table of routes");
}

#[test]
fn every_operation_is_in_the_changelog() {
    let named = |route: Route| format!("`{}`", route.key());
    assert_contains("CHANGELOG.md", operations().map(named), "name it under Unreleased");
}

#[test]
fn the_rights_of_every_operation_are_tested() {
    let named = |route: Route| format!("\"{}\"", route.key());
    let fix = "add requests that use every right of its role in the template";
    assert_contains("e2e/support/scenarios.py", operations().map(named), fix);
}

#[test]
fn every_operation_is_described_in_french() {
    for route in operations() {
        let operation = route.operation.expect("an operation")();
        let is_described = !operation.title.is_empty() && !operation.description.is_empty();
        let fix = "pass both to Operation::named in its handler's file";
        assert!(is_described, "{} has no French title or no description: {fix}", route.name);
    }
}

#[test]
fn the_committed_document_is_current() {
    let is_current = read("openapi.json") == document(&routes(), Access::Token);
    assert!(is_current, "openapi.json is stale: run `cargo run -- openapi > openapi.json`");
}
