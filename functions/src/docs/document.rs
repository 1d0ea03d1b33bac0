//! The OpenAPI document, built from the routes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::http::{Failure, IDEMPOTENCY_KEY_PATTERN, IF_MATCH_PATTERN, Response};
use shared::models::ClientId;
use shared::store::StoreError;
use shared::validation::{Field, FieldSpec, Violations};

use super::french;
use super::schemas::{body_schemas, failure_schemas, in_french};
use super::words::{id, path_parameters, reference, tag, title};
use crate::{Operation, Route, Schema};

/// Server URL in the committed document: that of `cargo run`. A served document has its API's own URL.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";

/// Who may call the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Callers with a token, as behind API Gateway.
    Token,
    /// Anyone.
    Open,
}

/// Returns the OpenAPI document of an API with these routes, as JSON text.
#[must_use]
pub fn document(routes: &[Route], access: Access) -> String {
    let mut paths = Map::new();
    let mut schemas = BTreeMap::from(failure_schemas());
    for (route, operation) in operations(routes) {
        let described = Description { route, operation: &operation, routes, access }.to_json();
        paths.entry(route.path).or_insert_with(|| json!({}))[route.method.to_ascii_lowercase()] = described;
        if let Some((name, fields)) = &operation.body {
            schemas.extend(body_schemas(name, fields));
        }
        schemas.extend(operation.answer.named);
    }
    for (name, schema) in &mut schemas {
        in_french(name, schema);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "parc", "version": env!("CARGO_PKG_VERSION"), "description": french::API },
        "servers": [{ "url": DEFAULT_SERVER }],
        "tags": french::TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": { "schemas": schemas },
    });
    if access == Access::Token {
        let token = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": french::TOKEN });
        document["components"]["securitySchemes"] = json!({ "jeton": token });
    }
    french::typeset(&mut document);
    format!("{document:#}\n")
}

/// Returns the documented routes and their operations.
fn operations(routes: &[Route]) -> impl Iterator<Item = (&Route, Operation)> {
    routes.iter().filter_map(|route| Some((route, (route.operation?)())))
}

/// Builds the description of one route.
struct Description<'a> {
    route: &'a Route,
    operation: &'a Operation,
    routes: &'a [Route],
    access: Access,
}

impl Description<'_> {
    fn to_json(&self) -> Value {
        let Self { route, operation, access, .. } = self;
        let mut described = json!({
            "tags": [tag(route.path)],
            "summary": operation.title,
            "description": operation.description,
            "operationId": id(route, operation),
            "parameters": self.parameters(),
            "responses": self.responses(),
        });
        if let Some((name, _)) = operation.body {
            let schema = json!({ "$ref": reference(name) });
            described["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        if *access == Access::Token {
            let scope = if route.method == "GET" { "parc/read" } else { "parc/write" };
            described["security"] = json!([{ "jeton": [scope] }]);
        }
        described
    }

    fn parameters(&self) -> Vec<Value> {
        let uuid = ClientId::schema();
        let in_path = path_parameters(self.route.path).map(|name| parameter("path", name, true, &uuid));
        let described = &self.operation.parameters;
        let in_query =
            described.iter().map(|FieldSpec { name, required, schema }| parameter("query", name, *required, schema));
        let in_header = self.headers().into_iter().map(|(name, schema)| self.header_parameter(name, &schema));
        in_path.chain(in_query).chain(in_header).collect()
    }

    fn header_parameter(&self, name: &str, schema: &Value) -> Value {
        let mut parameter = parameter("header", name, false, schema);
        if self.operation.batch && name == "Idempotency-Key" {
            parameter["description"] = french::batch::KEY.into();
        }
        parameter
    }

    /// Returns the optional headers of the route, with their schemas.
    fn headers(&self) -> Vec<(&'static str, Value)> {
        let tags = json!({ "type": "string", "pattern": IF_MATCH_PATTERN, "examples": [french::EXAMPLE_TAG] });
        let key = json!({ "type": "string", "pattern": IDEMPOTENCY_KEY_PATTERN, "examples": [french::EXAMPLE_KEY] });
        match (self.is_read(), self.operation.conditional) {
            // A malformed one is ignored.
            (true, _) => vec![("If-None-Match", json!({ "type": "string" }))],
            (false, false) => vec![("Idempotency-Key", key)],
            (false, true) => vec![("If-Match", tags), ("Idempotency-Key", key)],
        }
    }

    fn is_read(&self) -> bool {
        self.route.method == "GET"
    }

    fn responses(&self) -> Map<String, Value> {
        let Self { operation, access, .. } = self;
        let mut headers = json!({ "X-Request-Id": header(french::REQUEST_ID, true) });
        let failure_headers = headers.clone();
        if operation.paged {
            headers["Link"] = header(french::LINK, false);
        }
        let Schema { schema, named } = &operation.answer;
        // `true` is not an entity.
        if !named.is_empty() && !operation.batch {
            headers["ETag"] = header(french::ETAG, true);
        }
        if !self.is_read() {
            let replayed = if operation.batch { french::batch::REPLAYED } else { french::REPLAYED };
            headers["Idempotency-Replayed"] = header(replayed, false);
        }
        let mut success = json!({
            "description": french::status(200),
            "headers": headers,
            "content": { "application/json": { "schema": schema } },
        });
        let links = self.links();
        if !links.is_empty() {
            success["links"] = links.into();
        }
        let mut responses = Map::from_iter([("200".to_owned(), success)]);
        if self.is_read() {
            let unchanged = json!({ "description": french::status(304), "headers": headers });
            responses.insert("304".to_owned(), unchanged);
        }
        for (status, examples) in self.failures() {
            let schema = if status == 422 { "HTTPValidationError" } else { "HTTPError" };
            let mut headers = failure_headers.clone();
            if status == 503 {
                headers["Retry-After"] = header(french::RETRY_AFTER, true);
            }
            if status == 412 {
                headers["ETag"] = header(french::CURRENT_ETAG, true);
            }
            let content = json!({ "schema": { "$ref": reference(schema) }, "examples": examples });
            responses.insert(
                status.to_string(),
                json!({
                    "description": french::status(status),
                    "headers": headers,
                    "content": { "application/json": content },
                }),
            );
        }
        if *access == Access::Token {
            for status in [401, 403, 429] {
                let content = json!({ "schema": { "$ref": reference("GatewayError") } });
                let refused =
                    json!({ "description": french::status(status), "content": { "application/json": content } });
                responses.insert(status.to_string(), refused);
            }
        }
        responses.sort_keys();
        responses
    }

    /// Returns an example of each failure, by status.
    fn failures(&self) -> BTreeMap<u16, Map<String, Value>> {
        let mut by_status: BTreeMap<u16, Map<String, Value>> = BTreeMap::new();
        let own = self.operation.failures.iter().map(response_of);
        for (status, body) in own.chain(self.header_failures()) {
            let name = body["detail"].as_str().unwrap_or_else(|| french::refusal(&body["detail"][0]));
            by_status.entry(status).or_default().insert(name.to_owned(), json!({ "value": body }));
        }
        by_status
    }

    /// Returns the answers to a malformed or reused `Idempotency-Key`.
    fn header_failures(&self) -> Vec<(u16, Value)> {
        if self.is_read() {
            return Vec::new();
        }
        let malformed = Failure::Invalid(Violations::of_idempotency_key("deux mots"));
        [malformed, Failure::Store(StoreError::KeyReused)].iter().map(response_of).collect()
    }

    /// Returns links to the operations on the registered entity: the routes with its identifier in their path.
    fn links(&self) -> Map<String, Value> {
        let Some(id_name) = self.own_id() else { return Map::new() };
        let has_id_in_path = |(route, _): &(&Route, Operation)| path_parameters(route.path).any(|name| name == id_name);
        let link = |(route, operation): (&Route, Operation)| {
            let parameters = json!({ &id_name: format!("$response.body#/{id_name}") });
            (operation.name.to_owned(), json!({ "operationId": id(route, &operation), "parameters": parameters }))
        };
        operations(self.routes).filter(has_id_in_path).map(link).collect()
    }

    /// Returns the name of the identifier of the entity that the operation registers.
    fn own_id(&self) -> Option<String> {
        self.operation.name.strip_prefix("register_new_").map(|kind| format!("{kind}_id"))
    }
}

/// Returns the status and the body of the response to a failure.
fn response_of(failure: &Failure) -> (u16, Value) {
    let response: Response = failure.response(french::EXAMPLE_KEY);
    let body: &[u8] = response.body();
    (response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default())
}

fn parameter(location: &str, name: &str, required: bool, schema: &Value) -> Value {
    let mut parameter = json!({ "name": name, "in": location, "required": required, "schema": schema });
    parameter["schema"]["title"] = title(name).into();
    if let Some((description, example)) = french::parameter(name, location == "query") {
        parameter["description"] = description.into();
        if !example.is_null() {
            parameter["schema"]["examples"] = json!([example]);
        }
    }
    parameter
}

fn header(description: &str, required: bool) -> Value {
    json!({ "description": description, "required": required, "schema": { "type": "string" } })
}
