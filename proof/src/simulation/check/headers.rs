//! The headers of answers.

use std::collections::HashMap;

use serde_json::Value;

use super::super::History;
use super::super::call::{Call, Http, Write};
use super::super::recording::Answer;
use super::{Answered, Violation};

/// Checks the headers of every answer of a history.
///
/// # Errors
/// Returns the first violation.
pub(super) fn check(history: &History) -> Result<(), Violation> {
    let (mut bodies, mut digests) = (HashMap::new(), HashMap::new());
    for answered in history.requests.iter().flat_map(Answered::all) {
        let Answered { attempt, answer, .. } = answered;
        if answer.request_id.as_ref() != Some(&attempt.request_id) {
            return Err(answered.violation(format!("the request's identifier is {:?}", answer.request_id)));
        }
        if answer.retry_after.is_some() != (answer.status == 503) {
            return Err(answered.violation(format!("Retry-After is {:?}", answer.retry_after)));
        }
        check_tag(answered)?;
        check_not_modified(answered)?;
        if answer.next.as_ref().is_some_and(|next| !leads_on(next, &answered.request.call)) {
            return Err(answered.violation(format!("the next page is {:?}", answer.next)));
        }
        for (tag, body) in tagged(answer) {
            // Two answers have one digest if, and only if, they have one body.
            let (digest, body) = (digest(tag).to_owned(), body.to_string());
            let of_digest = bodies.entry(digest.clone()).or_insert_with(|| body.clone());
            let of_body = digests.entry(body.clone()).or_insert_with(|| digest.clone());
            if (&*of_digest, &*of_body) != (&body, &digest) {
                return Err(
                    answered.violation(format!("the digest {digest} is of {of_digest}, whose digest is {of_body}"))
                );
            }
        }
    }
    Ok(())
}

/// Checks that an answer has a tag if it should, with a version if it shows one entity.
fn check_tag(answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { request, answer, .. } = answered;
    let has_tag = match (&request.call, answer.status) {
        (Call::Batch { .. } | Call::Write(Write::SetStatus(_, _, false)), 200) => false,
        (_, status) => [200, 412].contains(&status),
    };
    if answer.etag.is_some() != has_tag {
        return Err(answered.violation(format!("the entity tag is {:?}", answer.etag)));
    }
    if let (Call::List { .. } | Call::History { .. }, Some(version)) = (&request.call, answer.version) {
        return Err(answered.violation(format!("the entity tag of a list has the version {version}")));
    }
    Ok(())
}

/// Checks that an answer is 304 if, and only if, the caller sent its tag.
fn check_not_modified(answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { attempt, answer, .. } = answered;
    let is_known = answer.status == 200 && attempt.if_none_match.is_some() && attempt.if_none_match == answer.etag;
    if answer.is_not_modified != is_known {
        let (sent, tag) = (&attempt.if_none_match, &answer.etag);
        return Err(answered.violation(format!("304 is {}: sent {sent:?}, answered {tag:?}", answer.is_not_modified)));
    }
    Ok(())
}

/// Returns `true` if a link has the address and the parameters of a list, and one cursor.
fn leads_on(next: &str, list: &Call) -> bool {
    let Http { path, query, .. } = list.http();
    let Some((address, parameters)) = next.split_once('?') else { return false };
    let (cursors, mut others): (Vec<_>, Vec<_>) =
        parameters.split('&').partition(|parameter| parameter.starts_with("cursor="));
    let mut own: Vec<_> = query.split('&').filter(|parameter| !parameter.is_empty()).collect();
    own.sort_unstable();
    others.sort_unstable();
    address == path && cursors.len() == 1 && others == own
}

/// Returns the entity tags in an answer with the bodies that they are of: its own, and those of the results of a batch.
fn tagged(answer: &Answer) -> impl Iterator<Item = (&str, &Value)> {
    let own = answer.etag.as_deref().filter(|_| answer.status == 200).map(|tag| (tag, &answer.body));
    let results = answer.results().iter().filter(|result| result["status"] == 200);
    own.into_iter().chain(results.filter_map(|result| Some((result["etag"].as_str()?, &result["body"]))))
}

/// Returns the digest in an entity tag, which follows the version if there is one.
fn digest(tag: &str) -> &str {
    tag.trim_matches('"').rsplit('-').next().unwrap_or_default()
}
