//! Sends requests, and reads their answers.

use std::sync::Arc;
use std::time::Duration;

use chrono::SecondsFormat;
use lambda_http::http::header::{ETAG, LINK, RETRY_AFTER};
use serde_json::Value;
use shared::http::Response;
use tokio::time::sleep;

use super::StepId;
use super::call::Http;
use super::caller::{Callers, user_of};
use super::event::{event, headers};
use super::faults::Purpose;
use super::instance::{INSTANCES, Invocation};
use super::recording::{Answer, Attempt, AttemptId};
use super::wire::RequestTrace;

/// Maximum number of pages that a caller reads of one list.
const MAX_PAGES: usize = 30;

impl Callers<'_> {
    /// Sends a request, and every further page of a list, until there is an answer that is not a 503.
    pub(super) async fn send_until_answered(&self, id: StepId, sendings: usize) -> Option<Answer> {
        let (http, has_key, writes) = {
            let recorded = self.recorded.borrow();
            let recorded = &recorded[&id];
            (recorded.call.http(), recorded.key.is_some(), recorded.call.writes())
        };
        let mut link = None;
        for _ in 0..MAX_PAGES {
            let mut last = None;
            for sending in 0..sendings {
                if sending > 0 {
                    sleep(Duration::from_millis(100 << sending.min(5))).await;
                }
                last = self.send(id, &http, link.as_deref()).await;
                let is_decided = last.as_ref().is_some_and(|answer| answer.status != 503);
                // Without a key, nobody knows whether a write that is sent again would be a second one.
                if is_decided || (writes && !has_key) {
                    break;
                }
            }
            match last.as_ref().and_then(|answer| answer.next.clone()) {
                Some(next) => link = Some(next),
                None => return last,
            }
        }
        None
    }

    /// Sends a request once.
    async fn send(&self, of: StepId, http: &Http, link: Option<&str>) -> Option<Answer> {
        let StepId { caller, step } = of;
        let (id, if_match, key, writes) = {
            let recorded = self.recorded.borrow();
            let recorded = &recorded[&of];
            let id = AttemptId { caller, step, attempt: recorded.attempts.len() };
            (id, recorded.if_match, recorded.key.clone(), recorded.call.writes())
        };
        let mut rng = self.environment.faults.rng(id, Purpose::Sending);
        let instance = rng.usize(0..INSTANCES);
        let address = format!("{}?{}", http.path, http.query_of_page(link));
        let known = self.tagged.borrow().get(&address).cloned().filter(|_| !writes && rng.bool());
        let if_none_match = known.as_ref().map(|(tag, _)| tag.clone());
        let trace = Arc::new(RequestTrace::new(id));
        let request_id = format!("{caller}-{step}-{}", id.attempt);
        let function_time = self.instances.time(instance).to_rfc3339_opts(SecondsFormat::Millis, true);
        let time_limit = u64::try_from(self.instances.time_limit(http.route).as_millis()).unwrap_or(u64::MAX);
        let attempt = Attempt {
            request_id: request_id.clone(),
            invoked: self.environment.tick(),
            invoked_at: self.environment.millis(),
            if_none_match: if_none_match.clone(),
            function_time,
            time_limit,
            worst_fault: None,
            last_call_at: 0,
            refused_when_uncertain: false,
            answer: None,
        };
        self.attempts(of, |attempts| attempts.push(attempt));
        let headers = headers(if_match, if_none_match.as_deref(), key.as_deref());
        let event = event(http, link, &request_id, &user_of(caller), &headers).to_string();
        let polls_before_end = self.environment.faults.polls_before_end(id);
        let invocation = Invocation { instance, route: http.route, event, trace: Arc::clone(&trace), polls_before_end };
        let response = self.instances.invoke(invocation).await;
        let answer = response.map(|response| self.read(&response, address, known));
        self.attempts(of, |attempts| {
            let attempt = &mut attempts[id.attempt];
            trace.report(attempt);
            attempt.answer.clone_from(&answer);
        });
        answer
    }

    fn attempts(&self, of: StepId, change: impl FnOnce(&mut Vec<Attempt>)) {
        change(&mut self.recorded.borrow_mut().get_mut(&of).expect("a request that was recorded").attempts);
    }

    fn read(&self, response: &Response, address: String, known: Option<(String, Value)>) -> Answer {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let next = header(LINK.as_str()).and_then(|link| Some(link.strip_prefix('<')?.split_once('>')?.0.to_owned()));
        let etag = header(ETAG.as_str());
        let sent = response.status().as_u16();
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        let known = known.filter(|(tag, _)| sent == 304 && etag.as_ref() == Some(tag) && body == Value::Null);
        let is_not_modified = known.is_some();
        let (status, body) = known.map_or((sent, body), |(_, known)| (200, known));
        if let (200, Some(tag)) = (status, &etag) {
            self.tagged.borrow_mut().insert(address, (tag.clone(), body.clone()));
        }
        Answer {
            at: self.environment.tick(),
            answered_at: self.environment.millis(),
            status,
            is_not_modified,
            request_id: header("x-request-id"),
            retry_after: header(RETRY_AFTER.as_str()),
            version: etag.as_deref().and_then(version_of),
            etag,
            is_replay: response.headers().contains_key("idempotency-replayed"),
            next,
            body,
        }
    }
}

/// Returns the version in an entity tag.
pub(super) fn version_of(tag: &str) -> Option<u64> {
    tag.trim_matches('"').split_once('-')?.0.parse().ok()
}
