//! The Query, and the items that it returns.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ClientConfig;
use serde::Deserialize;

use crate::http::Connection;
use crate::sign::Credentials;
use crate::tls::{self, TlsStream};
use crate::{optional, required};

/// The table, and the open connection to it.
pub(crate) struct Table {
    name: String,
    host: String,
    credentials: Credentials,
    tls: Arc<ClientConfig>,
    connection: Connection<TlsStream>,
}

impl Table {
    /// Connects to the table that the environment names.
    pub(crate) fn connect() -> io::Result<Self> {
        let (name, credentials, tls) = (required("PARC_TABLE")?, Credentials::from_env()?, tls::config()?);
        let endpoint = optional("AWS_ENDPOINT_URL_DYNAMODB")
            .unwrap_or_else(|| format!("https://dynamodb.{}.amazonaws.com", credentials.region));
        let host = endpoint.strip_prefix("https://").map(|rest| rest.trim_end_matches('/').to_owned());
        let host = host.ok_or_else(|| io::Error::other(format!("{endpoint} is not https://HOST:PORT")))?;
        let stream = tls::connect(&tls, &host);
        let stream = stream.map_err(|cause| io::Error::other(format!("no connection to {host}: {cause}")))?;
        Ok(Self { name, host, credentials, tls, connection: Connection::new(stream) })
    }

    /// Queries a client and its active sites. Returns the body of the response.
    pub(crate) fn query(&mut self, client_id: &str) -> io::Result<Vec<u8>> {
        let body = query(&self.name, client_id)?;
        let head = self.credentials.signed_head(&self.host, "DynamoDB_20120810.Query", &body, SystemTime::now());
        let response = self.connection.exchange(&head, &body).or_else(|_| {
            // DynamoDB closes idle connections, also while Lambda has stopped the process.
            self.connection = Connection::new(tls::connect(&self.tls, &self.host)?);
            self.connection.exchange(&head, &body)
        })?;
        if response.status != 200 {
            let body = String::from_utf8_lossy(&response.body);
            return Err(io::Error::other(format!("DynamoDB answered {}: {body}", response.status)));
        }
        Ok(response.body)
    }
}

/// The part of the Query that is always the same. The client is at `CLIENT`, its sites at `SITE#…`, and its history
/// after them.
const CONDITIONS: &str = r##""ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL",
"KeyConditionExpression":"#PK = :pk AND #SK BETWEEN :first AND :last",
"FilterExpression":"#status = :actif OR attribute_not_exists(#site_id)",
"ExpressionAttributeNames":{"#PK":"PK","#SK":"SK","#status":"status","#site_id":"site_id"}"##;

/// Returns the body of the Query.
fn query(table: &str, client_id: &str) -> io::Result<String> {
    let (table, partition) = (serde_json::to_string(table)?, serde_json::to_string(&format!("CLIENT#{client_id}"))?);
    let bounds = r#"":first":{"S":"CLIENT"},":last":{"S":"SITE$"},":actif":{"S":"actif"}"#;
    let values = format!(r#"{{":pk":{{"S":{partition}}},{bounds}}}"#);
    Ok(format!(r#"{{"TableName":{table},{CONDITIONS},"ExpressionAttributeValues":{values}}}"#))
}

/// Response to the Query.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page<'a> {
    #[serde(borrow)]
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) consumed_capacity: Capacity,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Capacity {
    pub(crate) capacity_units: f64,
}

/// The attributes of a client or of a site that the response shows.
#[derive(Deserialize)]
pub(crate) struct Item<'a> {
    #[serde(borrow)]
    pub(crate) nom: Text<'a>,
    #[serde(borrow)]
    pub(crate) created: Text<'a>,
    #[serde(borrow)]
    pub(crate) equipements: Number<'a>,
    /// Only of a client.
    #[serde(borrow)]
    pub(crate) code: Option<Number<'a>>,
    /// Only of a site.
    #[serde(borrow)]
    pub(crate) site_id: Option<Text<'a>>,
}

/// A text; it is borrowed if it contains no escape.
#[derive(Deserialize)]
pub(crate) struct Text<'a> {
    #[serde(rename = "S", borrow)]
    pub(crate) text: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct Number<'a> {
    #[serde(rename = "N")]
    digits: &'a str,
}

impl Number<'_> {
    pub(crate) fn value(&self) -> io::Result<i64> {
        self.digits.parse().map_err(io::Error::other)
    }
}
