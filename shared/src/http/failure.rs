use lambda_http::http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use serde::Serialize;
use thiserror::Error;

use super::boundary::set_common_headers;
use super::etag::tag_refusal;
use super::response::{Response, fits_into_response, with_body};
use crate::models::Kind;
use crate::store::StoreError;
use crate::validation::Violations;

/// Error of a request. Its text is for the log: it holds no value that the caller sent.
#[derive(Debug, Error)]
pub enum Failure {
    /// Fields, parameters or headers are invalid.
    #[error("invalid request")]
    Invalid(Violations),
    /// The body is not text, or is nested too deeply.
    #[error("unreadable body")]
    Unreadable,
    /// The event is not an HTTP request.
    #[error("malformed request")]
    Malformed,
    /// The body has more than this number of bytes.
    #[error("body over {0} bytes")]
    TooLarge(usize),
    /// The store refused the request, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Body of every failure.
#[derive(Serialize)]
struct Detail<T> {
    detail: T,
}

/// Value of `Retry-After`, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl Failure {
    /// Returns `true` if the `Idempotency-Key` was used for another request.
    #[must_use]
    pub fn is_reused_key(&self) -> bool {
        matches!(self, Self::Store(StoreError::KeyReused))
    }

    /// Returns the response. It does not disclose the cause of a server error. `idempotency_key` is the
    /// header as the caller sent it.
    #[must_use]
    pub fn response(&self, idempotency_key: &str) -> Response {
        let (status, detail) = match self {
            Self::Invalid(violations) => return invalid(violations),
            Self::Store(StoreError::DoNotFit(count)) => {
                return invalid(&Violations::of_operations_that_do_not_fit(*count));
            }
            Self::Store(StoreError::KeyReused) => return invalid(&Violations::of_reused_key(idempotency_key)),
            // The words of FastAPI, which callers may compare.
            Self::Unreadable => (StatusCode::BAD_REQUEST, "There was an error parsing the body".to_owned()),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "Requête illisible : l’adresse, un en-tête ou l’encodage du corps n’est pas valide".to_owned(),
            ),
            Self::TooLarge(max) => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("Le corps de la requête dépasse {}", size(*max)))
            }
            Self::Store(StoreError::Unknown(kind)) => (StatusCode::NOT_FOUND, unknown(*kind).to_owned()),
            Self::Store(StoreError::Inactive(kind)) => {
                (StatusCode::CONFLICT, format!("{} est inactif", definite(*kind)))
            }
            Self::Store(StoreError::CodeTaken(code)) => {
                (StatusCode::CONFLICT, format!("Le code {code} est déjà attribué"))
            }
            Self::Store(StoreError::Changed { kind, version, .. }) => {
                (StatusCode::PRECONDITION_FAILED, changed(*kind, *version))
            }
            Self::Store(StoreError::Unavailable(_) | StoreError::Undecided(_)) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service momentanément indisponible".to_owned())
            }
            Self::Store(StoreError::Corrupt(_) | StoreError::Bug(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Erreur interne".to_owned())
            }
        };
        let mut response = with_body(status, &Detail { detail });
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if let Self::Store(StoreError::Changed { version, body, .. }) = self {
            tag_refusal(&mut response, *version, body);
        }
        response
    }
}

/// Returns the response to an error that is not a [`Failure`] of a handler, with the headers that all responses have.
#[must_use]
pub fn error(status: StatusCode, detail: &str) -> Response {
    let mut response = with_body(status, &Detail { detail });
    set_common_headers(&mut response);
    response
}

/// Returns the violations, without the values that they repeat if Lambda could not send them: a batch of 1 MiB may have
/// numbers that become four times as long.
fn invalid(violations: &Violations) -> Response {
    let response = with_body(StatusCode::UNPROCESSABLE_ENTITY, &Detail { detail: violations });
    if fits_into_response(response.body()) {
        return response;
    }
    with_body(StatusCode::UNPROCESSABLE_ENTITY, &Detail { detail: violations.clone().without_input() })
}

/// Returns a number of bytes in French.
fn size(bytes: usize) -> String {
    match bytes / 1024 {
        1024 => "1 Mio".to_owned(),
        kib => format!("{kib} Kio"),
    }
}

fn changed(kind: Kind, version: u64) -> String {
    let entity = definite(kind);
    format!("{entity} a changé depuis votre lecture (version {version}) ; relisez-le et renvoyez votre modification")
}

const fn unknown(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "Client introuvable",
        Kind::Site => "Site introuvable",
        Kind::Equipement => "Équipement introuvable",
    }
}

/// Returns the kind with its article, as the start of a sentence.
const fn definite(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "Le client",
        Kind::Site => "Le site",
        Kind::Equipement => "L'équipement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{Batch, Json, Model};

    #[test]
    fn violations_that_lambda_cannot_send_repeat_no_values() {
        let response = |size: usize| {
            let operation = format!("{{\"x\":[{}1]}}", "1e15,".repeat(size / 5));
            let batch = format!("{{\"operations\":[{operation}]}}");
            let batch = Json::parse(batch.as_bytes()).expect("JSON");
            let response = Failure::Invalid(Batch::from_body(Some(&batch)).expect_err("violations")).response("");
            (response.body().len(), serde_json::from_slice::<serde_json::Value>(response.body()).expect("JSON"))
        };
        assert!(response(1024).1["detail"][0]["input"].is_object());
        let (size, body) = response(Batch::MAX_SIZE - 100);
        assert!(size < 1000, "{size} bytes");
        assert_eq!(
            [&body["detail"][0]["type"], &body["detail"][0]["input"]],
            [&"missing".into(), &serde_json::Value::Null]
        );
    }
}
