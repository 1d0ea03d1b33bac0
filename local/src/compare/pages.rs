//! Every list, and the page of every entity.

use std::collections::HashSet;

use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use shared::models::Kind;
use uuid::Uuid;

use super::{CONCURRENCY, Report, Services, difference};
use crate::AnyError;
use crate::progress::overwrite;
use crate::service::{Answer, ServiceError};

/// Number of requests between two lines of progress.
const STEP: u64 = 1_000;

/// Compares every list and every page of the kinds that the old service lists.
///
/// # Errors
/// Returns an error if it does not list clients, or answers a list with an error.
pub(super) async fn compare(services: &Services, report: &mut Report) -> Result<(), AnyError> {
    for kind in Kind::ALL {
        let list = format!("/{}s/all", kind.name());
        let (old, new) = ask(services, &list).await;
        if old.as_ref().is_ok_and(Answer::is_missing) {
            if kind == Kind::Client {
                return Err(format!("{} does not exist; check --old", services.old.url(&list)).into());
            }
            report.printed.print(format_args!(
                "the old service has no {list}, which is not compared, and neither are its entities"
            ));
            continue;
        }
        let old = services.old.successful(&list, old?)?;
        let mut entities = old.elements(services.old.url(&list))?;
        let of_new = new.as_ref().map(|new| new.elements(services.new.url(&list)));
        entities.extend(of_new.into_iter().flatten().flatten());
        let ids = ids_of(&entities, kind.id_name());
        overwrite(&format!("{} entities in {list}", ids.len()));
        // The page of a parent without children shows that it has none.
        let parents = kind.parent().map(|parent| (parent.id_name(), ids_of(&entities, parent.id_name())));
        report.add(format_args!("GET {list}"), &differences(Ok(old), new));
        let of_parents = parents.iter().flat_map(|(name, ids)| ids.iter().map(move |id| format!("?{name}={id}")));
        let mut paths: Vec<_> = of_parents.map(|query| format!("{list}{query}")).collect();
        paths.extend(ids.iter().chain([&Uuid::nil()]).map(|id| format!("/{}s/{id}/infos", kind.name())));
        compare_all(paths, async |path| ask(services, path).await, report).await;
    }
    Ok(())
}

/// Compares the answers to a GET of each path, of one page each.
pub(super) async fn compare_paths(services: &Services, paths: Vec<String>, report: &mut Report) {
    compare_all(paths, async |path| join(services.old.get(path), services.new.get(path)).await, report).await;
}

async fn compare_all(paths: Vec<String>, ask: impl AsyncFn(&str) -> (Asked, Asked), report: &mut Report) {
    let answers = paths.into_iter().map(async |path| {
        let (old, new) = ask(&path).await;
        (path, differences(old, new))
    });
    let mut answers = stream::iter(answers).buffered(CONCURRENCY);
    while let Some((path, differences)) = answers.next().await {
        report.add(format_args!("GET {path}"), &differences);
        if report.requests.is_multiple_of(STEP) {
            overwrite(&format!("{} requests compared", report.requests));
        }
    }
}

type Asked = Result<Answer, ServiceError>;

async fn ask(services: &Services, path: &str) -> (Asked, Asked) {
    join(services.old.get_whole(path), services.new.get_whole(path)).await
}

fn differences(old: Asked, new: Asked) -> Vec<String> {
    match (old, new) {
        (Ok(old), Ok(new)) => difference::between(&old, &new, &HashSet::new()),
        (Err(error), _) | (_, Err(error)) => vec![error.to_string()],
    }
}

/// Returns the identifiers that a member of the entities has, each once.
fn ids_of(entities: &[Value], member: &str) -> Vec<Uuid> {
    let ids = entities.iter().filter_map(|entity| entity[member].as_str()?.parse().ok());
    let mut seen = HashSet::new();
    ids.filter(|id| seen.insert(*id)).collect()
}
