//! The recordings of the benchmark, `bench/recordings`: the event of each function, and the answers of a table to its
//! calls.
//!
//! `PARC_WRITE_RECORDINGS=1 cargo test -p functions --test lambda recordings` records them again.

use std::{env, fs};

use serde_json::{Value, json};
use testkit::inputs::{client, equipement, site};
use testkit::{Call, Proxy, event_about, fresh};

use crate::support::{Table, root, start};
use crate::wiring::binaries;

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
fn complete(mut event: Value) -> Value {
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
    // In this order, every write finds the state that it needs: deactivations come before reactivations.
    for name in binaries() {
        let event = complete(event_about(&name, &ids));
        let function = start(&name, proxy.url()).await;
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
