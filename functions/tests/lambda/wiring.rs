//! A route is stated in six places; here they are held to each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use functions::Route;
use functions::docs::{Access, document};
use serde_json::Value;
use testkit::template::template;

use crate::support::{event, root};

fn routes() -> Vec<Route> {
    functions::routes(Access::Token)
}

/// The keys of the routes of each binary.
fn keys() -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for route in routes() {
        keys.entry(route.name.to_owned()).or_default().insert(route.key());
    }
    keys
}

/// The names of the events of a binary: its own, and others that show its parameters.
fn files_of(binary: &str) -> Vec<String> {
    let is_one = |file: &String| file == binary || file.starts_with(&format!("{binary}-"));
    names("events", ".json").into_iter().filter(is_one).collect()
}

/// The names of the files with this ending in a folder.
fn names(folder: &str, ending: &str) -> Vec<String> {
    let files = fs::read_dir(root().join(folder)).expect(folder);
    let mut names: Vec<_> = files
        .map(|file| file.expect("a file").file_name().into_string().expect("text"))
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn every_route_has_a_binary_that_serves_its_handler() {
    let expected: Vec<_> = keys().into_keys().collect();
    assert_eq!(names("functions/src/bin", ".rs"), expected);
    for Route { name, operation, .. } in routes() {
        let source = fs::read_to_string(root().join(format!("functions/src/bin/{name}.rs"))).expect(name);
        let serves = match (name, operation) {
            ("docs", _) => "serve_static(functions::docs::page::handle)".to_owned(),
            (_, None) => format!("serve_static(functions::docs::{name}::handle)"),
            (_, Some(_)) => format!("serve(functions::{}::handle)", name.replacen('-', "::", 1)),
        };
        assert!(source.contains(&serves), "{name} does not say {serves}");
    }
}

#[test]
fn every_route_has_an_event() {
    let mut events = 0;
    for (name, keys) in keys() {
        let files = files_of(&name);
        assert!(files.contains(&name), "{name} has no event");
        for file in &files {
            let event = event(file);
            assert_eq!(event["routeKey"], event["requestContext"]["routeKey"], "{file}");
            assert!(keys.contains(event["routeKey"].as_str().expect("a key")), "{file}");
        }
        events += files.len();
    }
    assert_eq!(names("events", ".json").len(), events);
}

#[test]
fn every_route_has_its_function_in_the_template() {
    let template = template().expect("the template");
    let resources = template["Resources"].as_object().expect("resources");
    let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let deployed: BTreeMap<_, BTreeSet<_>> = functions
        .map(|function| {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let key = |event: &Value| {
                format!("{} {}", text(&event["Properties"]["Method"]), text(&event["Properties"]["Path"]))
            };
            let Value::Object(properties) = &function["Properties"] else { panic!("a function without properties") };
            let code = text(&properties["CodeUri"]);
            let binary = code.strip_prefix("target/lambda/").expect("a folder of cargo-lambda");
            (binary.to_owned(), properties["Events"].as_object().expect("events").values().map(key).collect())
        })
        .collect();
    assert_eq!(deployed, keys());
}

#[test]
fn every_route_stands_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    for Route { name, method, path, .. } in routes() {
        assert!(readme.contains(&format!("| `{method} {path}` | `{name}` |")), "{name} is not in the README");
    }
}

#[test]
fn the_file_of_the_document_is_what_the_code_says() {
    let file = root().join("openapi.json");
    let kept = fs::read_to_string(&file).expect("a file");
    let made = document(&routes(), Access::Token);
    let written = "cargo run -- openapi > openapi.json";
    assert!(kept == made, "{} is stale; {written} makes it anew", file.display());
}
