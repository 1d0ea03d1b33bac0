//! The DynamoDB of one history: dynoxide in memory, called without a network.

use chrono::{DateTime, Utc};
use dynoxide::storage_backend::ManualClock;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testkit::template;

/// The operation that writes.
pub(super) const TRANSACTION: &str = "TransactWriteItems";

/// An engine, and the clock that decides what has expired.
pub(crate) struct Engine {
    database: Database,
    clock: ManualClock,
}

/// A response of DynamoDB.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Engine {
    /// Starts an engine, and creates a table by these calls.
    pub(crate) fn with_table(calls: &[(&'static str, String)]) -> Self {
        let clock = ManualClock::new(0);
        let database = Database::memory_with_clock(clock.arc()).expect("an engine in memory");
        let engine = Self { database, clock };
        for (operation, body) in calls {
            let reply = engine.call(operation, body);
            assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        }
        engine
    }

    /// Carries out one call.
    pub(crate) fn call(&self, operation: &str, body: &str) -> Reply {
        let db = &self.database;
        let done = match operation {
            "GetItem" => carry_out(body, |request| db.get_item(request)),
            "Query" => carry_out(body, |request| db.query(request)),
            TRANSACTION => carry_out(body, |request| db.transact_write_items(request)),
            "BatchGetItem" => carry_out(body, |request| db.batch_get_item(request)),
            "PutItem" => carry_out(body, |request| db.put_item(request)),
            "Scan" => carry_out(body, |request| db.scan(request)),
            "CreateTable" => carry_out(body, |request| db.create_table(request)),
            "DescribeTable" => carry_out(body, |request| db.describe_table(request)),
            "UpdateTimeToLive" => carry_out(body, |request| db.update_time_to_live(request)),
            _ => Err(DynoxideError::ValidationException(format!("the simulation does not know {operation}"))),
        };
        match done {
            Ok(body) => Reply { status: 200, body },
            Err(error) => Reply { status: error.status_code(), body: error.to_json() },
        }
    }

    /// Deletes what has expired, as DynamoDB does some time after the expiry.
    pub(super) fn sweep(&self, now: DateTime<Utc>) {
        self.clock.set(u64::try_from(now.timestamp()).unwrap_or_default());
        self.database.sweep_ttl().expect("a sweep");
    }

    /// Returns every item of the table, as DynamoDB's JSON.
    pub(super) fn items(&self) -> Vec<Value> {
        let scanned = self.call("Scan", &json!({ "TableName": super::TABLE }).to_string());
        let mut page: Value = serde_json::from_str(&scanned.body).expect("a page");
        assert!(page.get("LastEvaluatedKey").is_none(), "the table of a history fits into one page");
        page["Items"].as_array_mut().map(std::mem::take).expect("items")
    }
}

fn carry_out<Q: DeserializeOwned, A: Serialize>(
    body: &str,
    call: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let request =
        serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    let answer = call(request)?;
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Returns the calls that create the template's table.
pub(crate) fn table_of_template() -> Vec<(&'static str, String)> {
    let mut template = template::template().expect("the template");
    let mut table = template["Resources"]["Table"]["Properties"].take();
    let definition = ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"]
        .map(|name| (name.to_owned(), table[name].take()));
    let mut create = Value::Object(definition.into_iter().collect());
    create["TableName"] = super::TABLE.into();
    create["BillingMode"] = "PAY_PER_REQUEST".into();
    let expiry = json!({ "TableName": super::TABLE, "TimeToLiveSpecification": table["TimeToLiveSpecification"] });
    vec![("CreateTable", create.to_string()), ("UpdateTimeToLive", expiry.to_string())]
}
