//! Requests that were recorded.
//!
//! The services give different identifiers to what a recorded request registers. If the file has the answer that was
//! recorded, later requests are sent with the identifier that each service gave.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::difference::{self, id_of};
use super::{Report, Services, pages};
use crate::AnyError;
use crate::service::{Answer, Service, ServiceError};

/// Length of an identifier's text.
const ID_LENGTH: usize = 36;

/// A recorded request. Further members are ignored.
#[derive(Debug, Deserialize)]
struct Recorded {
    method: String,
    /// Path and query.
    path: String,
    body: Option<Box<RawValue>>,
    /// Body as text, instead of `body`; an empty one is none.
    text: Option<String>,
    /// Status of the recorded answer. An answer of both services with another one is reported too.
    status: Option<u16>,
    /// Body of the recorded answer.
    answer: Option<Value>,
}

/// A request of the file.
struct Request {
    line: u64,
    method: Method,
    recorded: Recorded,
}

/// Identifiers of what recorded requests have registered.
#[derive(Default)]
struct Registered {
    /// By identifier of the recording.
    old: HashMap<String, String>,
    new: HashMap<String, String>,
    /// Identifiers of the old service, by that of the new one.
    old_by_new: HashMap<String, String>,
    /// Those of the old service.
    fresh: HashSet<String>,
}

/// Sends the requests of a file to both services, and compares the answers.
///
/// # Errors
/// Returns an error if a line of the file is not a request; nothing has been sent then. With `writes`, also if a service
/// does not answer.
pub(super) async fn compare(
    services: &Services,
    file: &Path,
    writes: bool,
    report: &mut Report,
) -> Result<(), AnyError> {
    let requests = read(file, report)?;
    if writes {
        let mut registered = Registered::default();
        for Request { line, method, recorded } in requests {
            let differences = replay(services, &method, &recorded, &mut registered).await;
            let advice = "it may have been carried out, and those before it were: restore both before you begin again";
            let differences = differences.map_err(|error| format!("line {line}: {error}; {advice}"))?;
            report.add(format_args!("{method} {}", recorded.path), &differences);
        }
        return Ok(());
    }
    let (reads, others): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| request.method == Method::GET);
    pages::compare_paths(services, reads.into_iter().map(|request| request.recorded.path).collect(), report).await;
    if !others.is_empty() {
        report
            .printed
            .print(format_args!("requests that write, not sent: {}; --writes sends them to two copies", others.len()));
    }
    Ok(())
}

/// Reads every request of a file. Reports how many lines are no requests of the API, such as `OPTIONS`.
fn read(file: &Path, report: &mut Report) -> Result<Vec<Request>, AnyError> {
    let name = file.display();
    let lines = File::open(file).map_err(|error| format!("cannot open {name}: {error}"))?;
    let (mut requests, mut others) = (Vec::new(), 0);
    for (line, text) in (1..).zip(BufReader::new(lines).lines()) {
        let text = text.map_err(|error| format!("{name}, line {line}: {error}"))?;
        if !text.trim().is_empty() {
            let recorded: Recorded =
                serde_json::from_str(&text).map_err(|error| format!("{name}, line {line}: {error}"))?;
            match method(&recorded) {
                Some(method) => requests.push(Request { line, method, recorded }),
                None => others += 1,
            }
        }
    }
    if others > 0 {
        report
            .printed
            .print(format_args!("lines with other methods or paths than those of the API, not sent: {others}"));
    }
    Ok(requests)
}

/// Returns the method of a request that the API may have.
fn method(Recorded { method, path, .. }: &Recorded) -> Option<Method> {
    let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    known.into_iter().find(|known| method.eq_ignore_ascii_case(known.as_str())).filter(|_| path.starts_with('/'))
}

/// Sends a request to both services, and describes how their answers differ.
async fn replay(
    services: &Services,
    method: &Method,
    request: &Recorded,
    registered: &mut Registered,
) -> Result<Vec<String>, ServiceError> {
    // The new service first: the old one is what must be restored if only one of them answers.
    let new = send(&services.new, method, request, &registered.new).await?;
    let old = send(&services.old, method, request, &registered.old).await?;
    if request.path.ends_with("/register") {
        registered.add(request, &old, &new);
    }
    let body = String::from_utf8_lossy(&new.body);
    let new = Answer { body: replace_ids(&body, &registered.old_by_new).into_bytes(), ..new };
    let mut differences = difference::between(&old, &new, &registered.fresh);
    if differences.is_empty()
        && let Some(recorded) = request.status.filter(|status| *status != old.status)
    {
        differences.push(format!("both services answer {}, but {recorded} was recorded", old.status));
    }
    Ok(differences)
}

async fn send(
    service: &Service,
    method: &Method,
    request: &Recorded,
    ids: &HashMap<String, String>,
) -> Result<Answer, ServiceError> {
    let text = request.text.clone().filter(|text| !text.is_empty());
    let body = request.body.as_ref().map(|body| body.get().to_owned()).or(text).map(|body| replace_ids(&body, ids));
    service.send(method.clone(), &replace_ids(&request.path, ids), body).await
}

impl Registered {
    /// Notes the identifiers that the answers to a registration have.
    fn add(&mut self, request: &Recorded, old: &Answer, new: &Answer) {
        let id = |value: &Value| value.as_object().and_then(id_of).map(str::to_owned);
        let of_answer = |answer: &Answer| id(&serde_json::from_slice(&answer.body).ok()?);
        let (Some(old), Some(new)) = (of_answer(old), of_answer(new)) else { return };
        if let Some(recorded) = request.answer.as_ref().and_then(id) {
            self.old.insert(recorded.clone(), old.clone());
            self.new.insert(recorded, new.clone());
        }
        self.old_by_new.insert(new, old.clone());
        self.fresh.insert(old);
    }
}

/// Replaces identifiers in a text.
fn replace_ids(text: &str, ids: &HashMap<String, String>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let id = rest.get(..ID_LENGTH).filter(|id| Uuid::try_parse(id).is_ok()).and_then(|id| ids.get(id));
        let (text, length) = id.map_or((&rest[..first.len_utf8()], first.len_utf8()), |id| (id.as_str(), ID_LENGTH));
        replaced.push_str(text);
        rest = &rest[length..];
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_replaced_wherever_they_stand() {
        let [one, other] = ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "019a5a1e-3c08-7000-8000-000000000001"];
        let ids = HashMap::from([(one.to_owned(), other.to_owned())]);
        let text = |id: &str| format!("/clients/{id}/infos?é={id}{{\"{id}\"}}");
        assert_eq!(replace_ids(&text(one), &ids), text(other));
        assert_eq!(replace_ids(&text(other), &ids), text(other));
        assert_eq!(replace_ids("", &ids), "");
    }

    #[test]
    fn methods_are_those_of_the_api() {
        let of_line = |method: &str, path: &str| {
            let line = format!("{{\"method\": {method:?}, \"path\": {path:?}, \"other\": 200}}");
            super::method(&serde_json::from_str(&line).expect("a request"))
        };
        assert_eq!(of_line("get", "/clients/all"), Some(Method::GET));
        for (name, path) in [("OPTIONS", "/"), ("", "/"), ("GET", "http://x/"), ("GET", "")] {
            assert_eq!(of_line(name, path), None, "{name} {path}");
        }
    }
}
