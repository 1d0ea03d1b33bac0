use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use lambda_http::{Error, Request, RequestExt, Response, tracing};
use serde::Serialize;

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

/// Body of an error.
#[derive(Serialize)]
struct Detail {
    detail: &'static str,
}

type Item = HashMap<String, AttributeValue>;

/// Answers one request.
pub(crate) async fn handle(client: &Client, table: &str, request: Request) -> Result<Response<String>, Error> {
    let parameters = request.path_parameters();
    let client_id = parameters.first("client_id").ok_or("the event has no client_id")?;
    let page = query(client, table, client_id).await?;
    let capacity = page.consumed_capacity().and_then(|consumed| consumed.capacity_units());
    let (status, body) = match page.items().split_first() {
        Some((head, sites)) => (200, serde_json::to_string(&infos(client_id, head, sites)?)?),
        None => (404, serde_json::to_string(&Detail { detail: "Client introuvable" })?),
    };
    tracing::info!(status, capacity, "answered");
    Ok(Response::builder().status(status).header("content-type", "application/json").body(body)?)
}

/// Queries the client and its active sites, in order of creation.
async fn query(client: &Client, table: &str, client_id: &str) -> Result<QueryOutput, Error> {
    let page = client
        .query()
        .table_name(table)
        .consistent_read(true)
        .key_condition_expression("#PK = :pk AND #SK BETWEEN :first AND :last")
        .filter_expression("#status = :actif OR attribute_not_exists(#site_id)")
        .expression_attribute_names("#PK", "PK")
        .expression_attribute_names("#SK", "SK")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#site_id", "site_id")
        .expression_attribute_values(":pk", AttributeValue::S(format!("CLIENT#{client_id}")))
        .expression_attribute_values(":first", AttributeValue::S("CLIENT".to_owned()))
        .expression_attribute_values(":last", AttributeValue::S("SITE$".to_owned()))
        .expression_attribute_values(":actif", AttributeValue::S("actif".to_owned()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await?;
    Ok(page)
}

/// Makes the response from the client's item and those of its sites.
fn infos<'a>(client_id: &'a str, head: &'a Item, sites: &'a [Item]) -> Result<ClientInfos<'a>, Error> {
    let sites = sites.iter().map(summary).collect::<Result<_, _>>()?;
    Ok(ClientInfos {
        client_id,
        nom: text(head, "nom")?,
        code: number(head, "code")?,
        timestamp: text(head, "created")?,
        sites,
    })
}

fn summary(site: &Item) -> Result<SiteSummary<'_>, Error> {
    Ok(SiteSummary {
        site_id: text(site, "site_id")?,
        nom: text(site, "nom")?,
        equipements: number(site, "equipements")?.max(0),
    })
}

fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Error> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    Ok(value.ok_or_else(|| format!("the item has no text {name}"))?)
}

fn number(item: &Item, name: &str) -> Result<i64, Error> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    Ok(value.ok_or_else(|| format!("the item has no number {name}"))?.parse()?)
}
