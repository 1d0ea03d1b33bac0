//! Writes that the callers send, alone or as members of a batch.

use serde_json::{Value, json};
use shared::models::Kind;

use crate::endurance::http::Call;

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Register,
    Update,
    Deactivate,
    Reactivate,
}

/// A write of one entity.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) action: Action,
    pub(super) kind: Kind,
    /// The identifier of an entity that exists.
    pub(super) id: Option<String>,
    /// The identifier of the parent, in registrations and updates of équipements.
    pub(super) parent: Option<String>,
    pub(super) nom: Option<String>,
    /// The code of a client.
    pub(super) code: Option<i64>,
}

/// One or more writes under one key.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) key: String,
    pub(super) operations: Vec<Operation>,
    pub(super) is_batch: bool,
}

impl Operation {
    /// Creates an operation without fields.
    pub(super) fn new(action: Action, kind: Kind, id: Option<String>) -> Self {
        Self { action, kind, id, parent: None, nom: None, code: None }
    }

    fn body(&self) -> Value {
        let mut body = json!({});
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body[name] = value;
            }
        };
        set(self.kind.id_name(), self.id.clone().map(Into::into));
        if let Some(parent) = self.kind.parent() {
            set(parent.id_name(), self.parent.clone().map(Into::into));
        }
        set("nom", self.nom.clone().map(Into::into));
        set("code", self.code.map(Into::into));
        body
    }

    fn call(&self) -> Call {
        let (kind, id) = (self.kind.name(), self.id.as_deref().unwrap_or_default());
        match self.action {
            Action::Register => Call::post(format!("/{kind}s/register"), self.body()),
            Action::Update => Call::put(format!("/{kind}s/update"), self.body()),
            Action::Deactivate => Call::delete(format!("/{kind}s/{id}")),
            Action::Reactivate => Call::post(format!("/{kind}s/{id}/reactivate"), json!({})),
        }
    }

    fn member(&self) -> Value {
        let op = match self.action {
            Action::Register => "register",
            Action::Update => "update",
            Action::Deactivate => "deactivate",
            Action::Reactivate => "reactivate",
        };
        json!({ "op": op, "kind": self.kind.name(), "body": self.body() })
    }
}

impl Request {
    /// Returns the request as it is sent.
    pub(super) fn call(&self) -> Call {
        let call = match self.operations.as_slice() {
            [operation] if !self.is_batch => operation.call(),
            operations => {
                let members: Vec<_> = operations.iter().map(Operation::member).collect();
                Call::post("/lot", json!({ "operations": members }))
            }
        };
        call.with_key(self.key.clone())
    }

    /// Returns the bodies that answer its operations, in order, from a response that carried all of them out.
    pub(super) fn bodies<'a>(&self, body: &'a Value) -> Option<Vec<&'a Value>> {
        if !self.is_batch {
            return Some(vec![body]);
        }
        let results = body["resultats"].as_array()?;
        let is_complete =
            results.len() == self.operations.len() && results.iter().all(|result| result["status"] == 200);
        is_complete.then(|| results.iter().map(|result| &result["body"]).collect())
    }
}
