//! Reads the old service. Children are read before their parents, so that each child's parent is known even if the old
//! service is still written to.

use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use shared::models::{Client, Entity, EntityId, Equipement, Kind, Site, Timestamp};

use super::entity::{Old, ReadEntity, Reader, Unusable};
use super::report::Report;
use crate::AnyError;
use crate::progress::overwrite;
use crate::service::{Service, ServiceError};

/// Number of clients whose sites are read at the same time.
const CONCURRENCY: usize = 8;

/// Number of clients whose pages cannot be read after which the takeover ends. Each is tried for some seconds.
const MAX_FAILED_PAGES: u32 = 20;

/// What the old service holds, in the order of its lists.
#[derive(Default)]
pub(super) struct Register {
    pub(super) clients: Vec<Old<Client>>,
    pub(super) sites: Vec<Old<Site>>,
    pub(super) equipements: Vec<Old<Equipement>>,
    /// Whether the sites are those of the clients' pages, because there is no list of them.
    pub(super) sites_of_pages: bool,
}

/// The sites of the page of a client, as the old service shows them.
#[derive(Deserialize)]
struct ClientPage {
    client_id: Option<String>,
    sites: Vec<Box<RawValue>>,
}

/// Reads the old service, as far as it tells. Reports what cannot be taken over.
///
/// # Errors
/// Returns an error if a list cannot be read.
pub(super) async fn read(old: &Service, now: Timestamp, report: &mut Report) -> Result<Register, AnyError> {
    let equipements = read_list(old, "/equipements/all", report).await?;
    let sites = read_list(old, "/sites/all", report).await?;
    let clients = read_list(old, "/clients/all", report).await?;
    let clients = clients.ok_or_else(|| format!("{} does not exist; check --from", old.url("/clients/all")))?;
    if equipements.is_none() {
        report.line("the old service has no /equipements/all: its équipements are unknown, except for their numbers");
    }
    let equipements = equipements.unwrap_or_default();
    if let Some(sites) = sites {
        return Ok(Register { clients, sites, equipements, sites_of_pages: false });
    }
    report.line(
        "the old service has no /sites/all: its sites are those of the clients' pages, which have no inactive ones and no \
         timestamps; their timestamp is the instant of this takeover",
    );
    let (clients, sites) = read_pages(old, clients, now, report).await?;
    Ok(Register { clients, sites, equipements, sites_of_pages: true })
}

/// Reads a list; `None` if the old service does not have it.
async fn read_list<E: ReadEntity>(
    old: &Service,
    path: &str,
    report: &mut Report,
) -> Result<Option<Vec<Old<E>>>, ServiceError> {
    let Some(elements) = old.list(path).await? else { return Ok(None) };
    overwrite(&format!("{} elements of {path} read", elements.len()));
    let mut reader = Reader::default();
    let mut entities = Vec::with_capacity(elements.len());
    for (number, element) in (1..).zip(elements) {
        match reader.read(&element) {
            Ok(entity) => entities.push(entity),
            Err(unusable) => left_out::<E>(unusable, number, path, report),
        }
    }
    report_unknown_members::<E>(&reader, report);
    Ok(Some(entities))
}

/// Reads the sites of each client. A client whose page cannot be read is left out, because its sites are unknown.
///
/// # Errors
/// Returns an error if many pages cannot be read.
async fn read_pages(
    old: &Service,
    clients: Vec<Old<Client>>,
    now: Timestamp,
    report: &mut Report,
) -> Result<(Vec<Old<Client>>, Vec<Old<Site>>), AnyError> {
    let (mut read, mut sites, mut reader) = (Vec::with_capacity(clients.len()), Vec::new(), Reader::default());
    let mut failed = 0;
    let pages = clients.into_iter().map(async |client| {
        let page = sites_of(old, &client.entity).await;
        (client, page)
    });
    let mut pages = stream::iter(pages).buffered(CONCURRENCY);
    while let Some((client, page)) = pages.next().await {
        let elements = match page {
            Ok(elements) => elements,
            Err(cause) => {
                let id = client.entity.client_id.as_uuid();
                report.left_out(Kind::Client, id, format_args!("its sites are unknown: {cause}"));
                failed += 1;
                if failed == MAX_FAILED_PAGES {
                    return Err(format!("the pages of {failed} clients cannot be read; nothing was written").into());
                }
                continue;
            }
        };
        for (number, element) in (1..).zip(elements) {
            match read_site(&mut reader, &element, &client.entity, now) {
                Ok(site) => sites.push(site),
                Err(unusable) => left_out::<Site>(unusable, number, &page_of(&client.entity), report),
            }
        }
        read.push(client);
        if read.len().is_multiple_of(1000) {
            overwrite(&format!("pages of {} clients read", read.len()));
        }
    }
    report_unknown_members::<Site>(&reader, report);
    Ok((read, sites))
}

/// Returns the path of the page of a client.
fn page_of(client: &Client) -> String {
    format!("/clients/{}/infos", client.client_id)
}

/// Reads the sites on the page of a client.
///
/// # Errors
/// Returns why they are unknown.
async fn sites_of(old: &Service, client: &Client) -> Result<Vec<Box<RawValue>>, String> {
    let path = page_of(client);
    let answer = old.get_whole(&path).await.and_then(|answer| old.successful(&path, answer));
    let body = answer.map_err(|error| error.to_string())?.body;
    let page: ClientPage = serde_json::from_slice(&body).map_err(|error| format!("{path}: {error}"))?;
    if page.client_id.is_some_and(|id| id != client.client_id.to_string()) {
        return Err(format!("{path} is the page of another client"));
    }
    Ok(page.sites)
}

/// Reads a site of a client's page. It is active, unless the page says something else.
fn read_site(reader: &mut Reader, element: &RawValue, client: &Client, now: Timestamp) -> Result<Old<Site>, Unusable> {
    let unreadable = |error| Unusable::unreadable(&error);
    let mut members: Map<String, Value> = serde_json::from_str(element.get()).map_err(unreadable)?;
    if members.get("client_id").is_some_and(|id| *id != client.client_id.to_string()) {
        let reason = format!("it is on the page of client {}, but names another one", client.client_id);
        return Err(Unusable { id: None, code: None, reason });
    }
    let known = [
        ("client_id", serde_json::to_value(client.client_id)),
        ("status", Ok("actif".into())),
        ("timestamp", serde_json::to_value(now)),
    ];
    for (name, value) in known {
        let value = value.map_err(unreadable)?;
        members.entry(name).or_insert(value);
    }
    reader.read_members(&members)
}

fn left_out<E: Entity>(Unusable { id, code, reason }: Unusable, number: u64, path: &str, report: &mut Report) {
    report.codes.extend(code);
    match id {
        Some(id) => report.left_out(E::KIND, id, reason),
        None => report.element_left_out(number, path, reason),
    }
}

fn report_unknown_members<E: Entity>(reader: &Reader, report: &mut Report) {
    for (member, count) in &reader.unknown_members {
        let name = E::KIND.label();
        report.line(format_args!(
            "{name}: the member {member} of {count} entities is not taken over: parc has no such field"
        ));
    }
}
