//! The OpenAPI document, made of the routes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::http::{Failure, Response};
use shared::models::ClientId;
use shared::validation::{Described, Field};

use super::french;
use crate::{Operation, Route, Schema};

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever has a token, as behind API Gateway.
    Token,
    /// Anyone.
    Open,
}

/// The OpenAPI document of an API that these routes make up, as JSON text.
#[must_use]
pub fn document(routes: &[Route], access: Access) -> String {
    let mut paths = Map::new();
    let mut schemas = BTreeMap::from(failure_schemas());
    for (route, operation) in operations(routes) {
        let described = Description { route, operation: &operation, routes, access }.to_json();
        paths.entry(route.path).or_insert_with(|| json!({}))[route.method.to_ascii_lowercase()] = described;
        if let Some((name, fields)) = &operation.body {
            schemas.insert((*name).to_owned(), body_schema(name, fields));
        }
        schemas.extend(operation.answer.named);
    }
    for (name, schema) in &mut schemas {
        in_french(name, schema);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "parc", "version": env!("CARGO_PKG_VERSION"), "description": french::API },
        // Beside the document, wherever that is.
        "servers": [{ "url": "." }],
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

/// The routes that callers are told of, and what.
fn operations(routes: &[Route]) -> impl Iterator<Item = (&Route, Operation)> {
    routes.iter().filter_map(|route| Some((route, (route.operation?)())))
}

/// What there is to say of one route.
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
            "summary": words(operation.name),
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
            described.iter().map(|Described { name, required, schema }| parameter("query", name, *required, schema));
        in_path.chain(in_query).collect()
    }

    fn responses(&self) -> Map<String, Value> {
        let Self { operation, access, .. } = self;
        let mut headers = json!({ "X-Request-Id": header(french::REQUEST_ID, true) });
        let failure_headers = headers.clone();
        if operation.paged {
            headers["Link"] = header(french::LINK, false);
        }
        let Schema { schema, .. } = &operation.answer;
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
        for (status, examples) in self.failures() {
            let schema = if status == 422 { "HTTPValidationError" } else { "HTTPError" };
            let mut headers = failure_headers.clone();
            if status == 503 {
                headers["Retry-After"] = header(french::RETRY_AFTER, true);
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

    /// The failures as they are answered, by their status.
    fn failures(&self) -> BTreeMap<u16, Map<String, Value>> {
        let mut by_status: BTreeMap<u16, Map<String, Value>> = BTreeMap::new();
        for failure in &self.operation.failures {
            let (status, body) = answered(failure);
            let examples = by_status.entry(status).or_default();
            let name = body["detail"].as_str().unwrap_or("Champs refusés").to_owned();
            examples.insert(name, json!({ "value": body }));
        }
        by_status
    }

    /// What can be asked of the entity that is answered: the routes with its identifier in their path.
    fn links(&self) -> Map<String, Value> {
        let Some(id_name) = self.own_id() else { return Map::new() };
        let about_it = |(route, _): &(&Route, Operation)| path_parameters(route.path).any(|name| name == id_name);
        let link = |(route, operation): (&Route, Operation)| {
            let parameters = json!({ &id_name: format!("$response.body#/{id_name}") });
            (operation.name.to_owned(), json!({ "operationId": id(route, &operation), "parameters": parameters }))
        };
        operations(self.routes).filter(about_it).map(link).collect()
    }

    /// The name of the identifier of the entity that is registered.
    fn own_id(&self) -> Option<String> {
        self.operation.name.strip_prefix("register_new_").map(|kind| format!("{kind}_id"))
    }
}

/// The status and the body that a failure is answered with.
fn answered(failure: &Failure) -> (u16, Value) {
    let response: Response = failure.response();
    let body: &[u8] = response.body();
    (response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default())
}

fn parameter(place: &str, name: &str, required: bool, schema: &Value) -> Value {
    let mut parameter = json!({ "name": name, "in": place, "required": required, "schema": schema });
    parameter["schema"]["title"] = words(name).into();
    if let Some((description, example)) = french::parameter(name) {
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

fn body_schema(name: &str, fields: &[Described]) -> Value {
    let properties: Map<_, _> = fields.iter().map(|field| (field.name.to_owned(), field.schema.clone())).collect();
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({ "title": name, "type": "object", "properties": properties, "required": required })
}

fn failure_schemas() -> [(String, Value); 4] {
    let object = |name: &str, properties: Value, required: Value| {
        let schema = json!({ "title": name, "type": "object", "properties": properties, "required": required });
        (name.to_owned(), schema)
    };
    let step = json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] });
    let violation = json!({
        "type": { "type": "string" },
        "loc": { "type": "array", "items": step },
        "msg": { "type": "string" },
        "input": {},
        "ctx": { "type": "object" },
    });
    let violations = json!({ "type": "array", "items": { "$ref": reference("ValidationError") } });
    [
        object("HTTPValidationError", json!({ "detail": violations }), json!(["detail"])),
        object("ValidationError", violation, json!(["type", "loc", "msg", "input"])),
        object("HTTPError", json!({ "detail": { "type": "string" } }), json!(["detail"])),
        object("GatewayError", json!({ "message": { "type": "string" } }), json!(["message"])),
    ]
}

/// Puts French in the place of what the code says of its types, in English.
fn in_french(schema: &str, described: &mut Value) {
    let Some(object) = described.as_object_mut() else { return };
    object.remove("$schema");
    object.remove("description");
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        if let Some(object) = property.as_object_mut() {
            object.insert("title".to_owned(), words(name).into());
            if let Some((description, example)) = french::property(schema, name) {
                object.insert("description".to_owned(), description.into());
                if !example.is_null() {
                    object.insert("examples".to_owned(), json!([example]));
                }
            }
        }
    }
}

fn reference(schema: &str) -> String {
    format!("#/components/schemas/{schema}")
}

/// The names in braces of a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// `/clients/all` is of `Clients`.
fn tag(path: &str) -> String {
    words(path.split('/').nth(1).unwrap_or_default())
}

/// The operation's identifier, as FastAPI makes it of its name, path and method.
fn id(route: &Route, operation: &Operation) -> String {
    let text = format!("{}{}", operation.name, route.path);
    let text = text.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("{text}_{}", route.method.to_ascii_lowercase())
}

/// `get_all_client` is `Get All Client`.
fn words(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|word| word.is_ascii() && !word.is_empty()).map(capital).collect::<Vec<_>>().join(" ")
}
