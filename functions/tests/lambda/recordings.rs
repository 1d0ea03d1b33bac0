//! The recordings of the benchmark, `bench/recordings`: the event of each function, and the answers of a table to its
//! calls.
//!
//! `PARC_WRITE_RECORDINGS=1 cargo test -p functions --test lambda recordings` records them again.

use std::{env, fs};

use serde_json::{Value, json};
use testkit::inputs::{client, equipement, site};
use testkit::{Call, Proxy, fresh};

use crate::support::{Function, Table, event, root};

/// Identifiers in the events of the repository: of a client, a site and an équipement.
const EVENT_IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

/// Registers 60 clients. One of them has 10 sites, and one of these has 10 équipements.
async fn fill(table: &Table) -> [String; 3] {
    let store = table.store();
    let owner = fresh(store.register_client(client("Boulangerie Morin et filles", 100))).await;
    for code in 101..160 {
        fresh(store.register_client(client("Boulangerie Morin et filles", code))).await;
    }
    let (mut sites, mut equipements) = (Vec::new(), Vec::new());
    for number in 1..=10 {
        let nom = format!("Fournil de la rue numéro {number}");
        sites.push(fresh(store.register_site(site(owner.client_id, &nom))).await);
    }
    for number in 1..=10 {
        let nom = format!("Four à sole {number}");
        equipements.push(fresh(store.register_equipement(equipement(sites[0].site_id, &nom))).await);
    }
    [owner.client_id.to_string(), sites[0].site_id.to_string(), equipements[0].equipement_id.to_string()]
}

/// Returns an event of the repository as API Gateway sends it for a caller with a token. Lists have a limit of 50.
fn complete(event: &Value, ids: &[String; 3]) -> Value {
    let text = EVENT_IDS.iter().zip(ids).fold(event.to_string(), |text, (event_id, id)| text.replace(event_id, id));
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    if event["rawPath"].as_str().is_some_and(|path| path.ends_with("/all")) {
        event["rawQueryString"] = "limit=50".into();
    }
    for (name, value) in [
        ("accept", "*/*"),
        ("accept-encoding", "gzip, deflate, br"),
        // As long as a token of Cognito.
        ("authorization", &format!("Bearer {}", "e".repeat(900))),
        ("host", "abcdefghij.execute-api.eu-west-3.amazonaws.com"),
        ("user-agent", "python-requests/2.32.3"),
        ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ] {
        event["headers"][name] = value.into();
    }
    event["requestContext"]["requestId"] = "JKJaXmPLvHcESHA=".into();
    event["requestContext"]["authorizer"] = json!({"jwt": {
        "claims": {
            "client_id": "5s9q0example7k2m4n6p8r0t2v",
            "exp": "1762452101",
            "iat": "1762448501",
            "iss": "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_example",
            "scope": "parc/read parc/write",
            "sub": "5s9q0example7k2m4n6p8r0t2v",
            "token_use": "access",
            "version": "2",
        },
        "scopes": ["parc/read", "parc/write"],
    }});
    event
}

/// Returns the names of all functions. In this order, every write finds the state that it needs: deactivations come
/// before reactivations.
fn names() -> Vec<String> {
    let files = fs::read_dir(root().join("functions/src/bin")).expect("binaries");
    let name = |file: fs::DirEntry| file.path().file_stem().expect("a name").to_string_lossy().into_owned();
    let mut names: Vec<_> = files.map(|file| name(file.expect("a file"))).collect();
    names.sort();
    names
}

/// Returns the operations of calls, and the index that each query reads.
fn operations<'a>(calls: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<String> {
    let mut operations: Vec<_> = calls.map(|(name, request)| format!("{name} {}", request["IndexName"])).collect();
    operations.sort();
    operations
}

#[tokio::test]
async fn the_benchmark_has_the_calls_of_every_function() {
    let table = Table::new().await;
    let ids = fill(&table).await;
    let proxy = Proxy::start(table.url(), Vec::new()).await;
    for name in names() {
        let event = complete(&event(&name), &ids);
        let function = Function::start(&name, proxy.url()).await;
        let _ = proxy.take_calls();
        let answer = function.answer(event.clone()).await;
        assert!(matches!(answer["statusCode"].as_u64(), Some(200 | 307)), "{name}: {answer}");
        let calls = proxy.take_calls();
        let file = root().join(format!("bench/recordings/{name}.json"));
        if env::var_os("PARC_WRITE_RECORDINGS").is_some() {
            let call = |Call { operation, request, answer, .. }: &Call| json!({"operation": operation, "request": request, "answer": answer});
            let recording = json!({"event": event, "calls": calls.iter().map(call).collect::<Vec<_>>()});
            fs::write(file, format!("{recording:#}\n")).expect("a written file");
            continue;
        }
        let recorded = fs::read(&file).unwrap_or_else(|error| {
            panic!("{}: {error}; record it with PARC_WRITE_RECORDINGS=1", file.display());
        });
        let recorded: Value = serde_json::from_slice(&recorded).expect("JSON");
        let recorded = recorded["calls"].as_array().expect("calls").iter();
        assert_eq!(
            operations(recorded.map(|call| (call["operation"].as_str().expect("text"), &call["request"]))),
            operations(calls.iter().map(|call| (call.operation.as_str(), &call.request))),
            "{name}: record it again with PARC_WRITE_RECORDINGS=1"
        );
    }
}
