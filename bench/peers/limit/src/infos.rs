//! From an event of API Gateway to its answer.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

use crate::table::{Item, Page, Table};

/// The part of an event of API Gateway, version 2.0, that identifies the client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    path_parameters: PathParameters<'a>,
}

#[derive(Deserialize)]
struct PathParameters<'a> {
    #[serde(borrow)]
    client_id: Cow<'a, str>,
}

/// A client with its active sites.
#[derive(Serialize)]
struct ClientInfos<'a> {
    client_id: &'a str,
    nom: &'a str,
    code: i64,
    timestamp: &'a str,
    sites: Vec<SiteSummary<'a>>,
}

#[derive(Serialize)]
struct SiteSummary<'a> {
    site_id: &'a str,
    nom: &'a str,
    equipements: i64,
}

/// Answers one event, and writes its log line.
pub(crate) fn answer(table: &mut Table, event: &[u8]) -> String {
    let (status, body) = match read(table, event) {
        Ok(answer) => answer,
        Err(cause) => {
            eprintln!("failed: {cause}");
            (503, r#"{"detail":"Service momentanément indisponible"}"#.to_owned())
        }
    };
    let body = serde_json::Value::from(body);
    let headers = r#"{"content-type":"application/json"}"#;
    format!(r#"{{"statusCode":{status},"headers":{headers},"body":{body},"isBase64Encoded":false}}"#)
}

/// Returns the status and the body.
fn read(table: &mut Table, event: &[u8]) -> io::Result<(u16, String)> {
    let Event { path_parameters: PathParameters { client_id } } = serde_json::from_slice(event)?;
    let page = table.query(&client_id)?;
    let Page { items, consumed_capacity } = serde_json::from_slice(&page)?;
    let answer = match items.split_first() {
        Some((head, sites)) => (200, serde_json::to_string(&infos(&client_id, head, sites)?)?),
        None => (404, r#"{"detail":"Client introuvable"}"#.to_owned()),
    };
    println!(r#"{{"message":"answered","status":{},"capacity":{}}}"#, answer.0, consumed_capacity.capacity_units);
    Ok(answer)
}

fn infos<'a>(client_id: &'a str, head: &'a Item<'_>, sites: &'a [Item<'_>]) -> io::Result<ClientInfos<'a>> {
    Ok(ClientInfos {
        client_id,
        nom: &head.nom.text,
        code: head.code.as_ref().ok_or_else(|| io::Error::other("the client has no code"))?.value()?,
        timestamp: &head.created.text,
        sites: sites.iter().map(summary).collect::<Result<_, _>>()?,
    })
}

fn summary<'a>(site: &'a Item<'_>) -> io::Result<SiteSummary<'a>> {
    let site_id = site.site_id.as_ref().ok_or_else(|| io::Error::other("the site has no site_id"))?;
    Ok(SiteSummary { site_id: &site_id.text, nom: &site.nom.text, equipements: site.equipements.value()?.max(0) })
}
