//! A route is stated in six places; here they are held to each other.

use std::collections::BTreeMap;
use std::fs;

use functions::{Route, routes};
use local::template::template;
use serde_json::Value;

use crate::support::{event, root};

/// The key of each route by the name of its binary.
fn keys() -> BTreeMap<String, String> {
    routes().iter().map(|route| (route.name.to_owned(), route.key())).collect()
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
    for Route { name, .. } in routes() {
        let source = fs::read_to_string(root().join(format!("functions/src/bin/{name}.rs"))).expect(name);
        let handler = format!("serve(functions::{}::handle)", name.replacen('-', "::", 1));
        assert!(source.contains(&handler), "{name} does not serve {handler}");
    }
}

#[test]
fn every_route_has_an_event() {
    for (name, key) in keys() {
        let event = event(&name);
        assert_eq!([&event["routeKey"], &event["requestContext"]["routeKey"]], [&key, &key], "{name}");
    }
    assert_eq!(names("events", ".json").len(), routes().len());
}

#[test]
fn every_route_has_its_function_in_the_template() {
    let template = template().expect("the template");
    let resources = template["Resources"].as_object().expect("resources");
    let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let deployed: BTreeMap<_, _> = functions
        .map(|function| {
            let text = |pointer: &str| function.pointer(pointer).and_then(Value::as_str).expect(pointer);
            let route = |name: &str| text(&format!("/Properties/Events/Route/Properties/{name}"));
            let binary = text("/Properties/CodeUri").strip_prefix("target/lambda/").expect("a folder of cargo-lambda");
            (binary.to_owned(), format!("{} {}", route("Method"), route("Path")))
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
