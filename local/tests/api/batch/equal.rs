//! A batch is equal to single calls, and a dry run to the run.

use std::env;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::random::{Generator, World};
use crate::support::body;

/// Batches that a test draws. `PARC_BATCHES` sets another number.
fn batches(default: u64) -> u64 {
    env::var("PARC_BATCHES").map_or(default, |count| count.parse().expect("PARC_BATCHES is a number"))
}

/// Number of batches that meet the same entities.
const PER_WORLD: u64 = 20;

/// Runs a check with a seed for each world, four worlds at a time.
async fn in_worlds(batches: u64, check: impl AsyncFn(u64)) {
    let worlds: Vec<_> = (0..batches.div_ceil(PER_WORLD)).collect();
    for seeds in worlds.chunks(4) {
        join_all(seeds.iter().map(|seed| check(*seed))).await;
    }
}

/// Returns what an API shows, with names instead of identifiers.
async fn shown(world: &World) -> Vec<Value> {
    let mut shown = Vec::new();
    for kind in ["clients", "sites", "equipements"] {
        let entities = body(world.api.get(&format!("/{kind}/all")).await).await;
        for entity in entities.as_array().expect("a list") {
            let (_, id) = entity.as_object().and_then(|fields| fields.iter().next()).expect("an identifier");
            let path = format!("/{kind}/{}/historique", id.as_str().expect("text"));
            shown.push(world.named(&body(world.api.get(&path).await).await));
        }
        shown.push(world.named(&entities));
    }
    shown
}

#[tokio::test]
async fn a_batch_answers_and_writes_what_single_calls_do() {
    let check = async |seed| {
        let mut generator = Generator::new(seed);
        let (mut together, mut one_by_one) = (World::new().await, World::new().await);
        for _ in 0..PER_WORLD {
            let drawn = generator.batch();
            let batch = together.batch_of(&drawn);
            let answer = together.send(&together.api, &batch, "", &[]).await;
            together.learn_all(&drawn, &answer);
            let expected = one_by_one.send_one_by_one(&drawn).await;
            for (result, expected) in answer["resultats"].as_array().expect("results").iter().zip(&expected) {
                let mut result = together.named(result);
                result.as_object_mut().expect("a result").entry("etag").or_insert(Value::Null);
                assert_eq!(result, one_by_one.named(expected), "seed {seed}: {batch}");
            }
            assert_eq!(answer["bilan"]["restant"], 0);
        }
        assert_eq!(shown(&together).await, shown(&one_by_one).await, "seed {seed}");
        assert_eq!(together.api.findings().await, [""; 0], "seed {seed}");
    };
    in_worlds(batches(40), check).await;
}

#[tokio::test]
async fn a_dry_run_answers_what_the_run_answers() {
    let check = async |seed| {
        let mut generator = Generator::new(1000 + seed);
        let mut world = World::new().await;
        for number in 0..PER_WORLD {
            let drawn = generator.batch();
            let batch = world.batch_of(&drawn);
            let atomic = if number % 4 == 0 { "&atomique=true" } else { "" };
            let before = world.api.raw().items().await;
            let dry = world.send_any(&batch, &format!("?dry_run=true{atomic}")).await;
            assert_eq!(world.api.raw().items().await, before, "a dry run wrote");
            let run = world.send_any(&batch, &format!("?dry_run=false{atomic}")).await;
            assert_same(&dry, &run, &batch);
            if run.get("resultats").is_some() {
                world.learn_all(&drawn, &run);
            }
        }
    };
    in_worlds(batches(40), check).await;
}

/// Compares the answers of a dry run and of the run.
fn assert_same(dry: &Value, run: &Value, batch: &Value) {
    let mut expected = run.clone();
    if let Some(results) = expected.get_mut("resultats").and_then(Value::as_array_mut) {
        for (result, dry) in results.iter_mut().zip(dry["resultats"].as_array().expect("results")) {
            result.as_object_mut().expect("a result").remove("etag");
            let operation = usize::try_from(result["index"].as_u64().expect("an index")).expect("an index");
            let is_registered = batch["operations"][operation]["op"] == "register";
            if result["status"] != 200 {
                continue;
            }
            let Some(fields) = result["body"].as_object_mut() else { continue };
            for (name, value) in fields {
                let is_null_in_dry_run = dry["body"][name] == json!(null);
                let is_generated = name.ends_with("_id") || (name == "timestamp");
                if is_generated && is_null_in_dry_run {
                    *value = Value::Null;
                }
                let own =
                    name == "timestamp" || dry["body"].as_object().and_then(|own| own.keys().next()) == Some(name);
                assert!(!(is_registered && own) || is_null_in_dry_run, "{name} of a new entity in a dry run");
            }
        }
    }
    assert_eq!(*dry, expected, "{batch}");
}
