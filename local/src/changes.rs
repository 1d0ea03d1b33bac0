//! `parc changes`: prints the changes since an instant as requests, for a service that has to catch up.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Map, Value, json};
use shared::models::{AnyEntity, ChangeKind, EntityId, Kind, Timestamp};
use shared::store::{Database, Stored, StoredEntry};
use uuid::Uuid;

use crate::AnyError;
use crate::table::TableArgs;

/// Options of `parc changes`.
#[derive(Debug, Args)]
pub(crate) struct ChangesArgs {
    /// The first instant, such as 2026-11-28T16:00:00Z
    #[arg(long, value_name = "INSTANT")]
    since: DateTime<Utc>,
}

/// Prints one request on each line, in the order of the changes.
pub(crate) async fn run(table: &TableArgs, args: &ChangesArgs) -> Result<(), AnyError> {
    let open = table.open_existing().await?;
    let requests = requests(&open.app.database, Timestamp::of(args.since)).await;
    open.close().await?;
    let mut out = BufWriter::new(io::stdout());
    for request in requests? {
        writeln!(out, "{request}")?;
    }
    Ok(out.flush()?)
}

async fn requests(database: &Database, since: Timestamp) -> Result<Vec<Value>, AnyError> {
    let (mut entries, mut clients) = (Vec::new(), HashMap::new());
    let read = database.read_all(|stored| match stored {
        Stored::Entry(entry) if entry.timestamp >= since && !entry.is_takeover => entries.push(entry),
        Stored::Entity(AnyEntity::Site(site)) => {
            clients.insert(site.site_id.as_uuid(), site.client_id.as_uuid());
        }
        Stored::Entry(_) | Stored::Entity(AnyEntity::Client(_) | AnyEntity::Equipement(_)) => {}
    });
    read.await?;
    // Changes of one millisecond: parents first.
    entries.sort_by_key(|entry| (entry.timestamp, depth(entry.kind), entry.version));
    Ok(entries.into_iter().map(|entry| request(entry, &clients)).collect())
}

fn depth(kind: Kind) -> usize {
    Kind::ALL.into_iter().take_while(|other| *other != kind).count()
}

/// Returns the request that makes a change. `clients` has the client of each site.
fn request(entry: StoredEntry, clients: &HashMap<Uuid, Uuid>) -> Value {
    let StoredEntry { kind, id, timestamp, change, mut fields, .. } = entry;
    fields.remove("status");
    let plural = format!("{}s", kind.name());
    let named = |fields: Map<String, Value>| {
        let id = (kind.id_name().to_owned(), Value::from(id.to_string()));
        [id].into_iter().chain(fields).collect::<Map<_, _>>()
    };
    match change {
        ChangeKind::Creation => {
            if let Some(client_id) = clients.get(&id) {
                fields.insert("client_id".to_owned(), client_id.to_string().into());
            }
            let (path, answer) = (format!("/{plural}/register"), named(Map::new()));
            json!({ "timestamp": timestamp, "method": "POST", "path": path, "body": fields, "answer": answer })
        }
        ChangeKind::Modification | ChangeKind::Deplacement => {
            let (path, body) = (format!("/{plural}/update"), named(fields));
            json!({ "timestamp": timestamp, "method": "PUT", "path": path, "body": body })
        }
        ChangeKind::Desactivation => {
            json!({ "timestamp": timestamp, "method": "DELETE", "path": format!("/{plural}/{id}") })
        }
        ChangeKind::Reactivation => {
            json!({ "timestamp": timestamp, "method": "POST", "path": format!("/{plural}/{id}/reactivate") })
        }
    }
}
