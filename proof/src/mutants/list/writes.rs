//! Bugs of changes and of the answers that are kept for them.

use super::super::Mutant;

const CHANGE: &str = "shared/src/store/change.rs";
const TRANSACT: &str = "shared/src/store/table/transact.rs";
const REPLAYS: &str = "shared/src/store/replays.rs";
const COUNTERS: &str = "shared/src/store/counters.rs";
const SITES: &str = "shared/src/store/sites.rs";
const EQUIPEMENTS: &str = "shared/src/store/equipements.rs";
const CLIENTS: &str = "shared/src/store/clients.rs";
const RETRY: &str = "shared/src/store/table/retry.rs";
const REQUEST: &str = "shared/src/store/request.rs";
const HISTORY_ROW: &str = "shared/src/store/rows/history.rs";
const BOUNDARY: &str = "shared/src/http/boundary.rs";
const CONNECT: &str = "shared/src/store/table/connect.rs";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "an update does not require the version that was read",
        file: CHANGE,
        from: "let seen = VERSION.is(&before.version());",
        to: "let seen = { let _ = VERSION; Condition::Exists };",
    },
    Mutant {
        name: "each attempt of a transaction has its own token",
        file: TRANSACT,
        from: ".client_request_token(self.request.random.token())",
        to: "",
    },
    Mutant {
        name: "a transaction that was carried out is unavailable if an attempt before had no answer",
        file: TRANSACT,
        from: "let Err(error) = response else { return Ok(TransactOutcome::Done) };",
        to: "let Err(error) = response else {
            return if uncertain { Err(StoreError::Unavailable(String::new())) } else { Ok(TransactOutcome::Done) };
        };",
    },
    Mutant {
        name: "a kept answer is overwritten",
        file: REPLAYS,
        from: "Condition::Absent.or(EXPIRES_AT.is_at_most(&now.timestamp()))",
        to: "{ let _ = now; Condition::Absent.or(Condition::Exists) }",
    },
    Mutant {
        name: "an answer is kept only if the first transaction is carried out",
        file: CHANGE,
        from: "let keep = replay.map(|replay| replay.keep(after.entity()));",
        to: "let keep = replay.filter(|_| attempt == Attempt::First).map(|replay| replay.keep(after.entity()));",
    },
    Mutant {
        name: "an answer is kept outside of the transaction, after it",
        file: CHANGE,
        from: "let transaction: Vec<_> = keep.into_iter().chain(writes).collect();",
        to: "let transaction: Vec<_> = if writes.is_empty() { keep.into_iter().collect() } else { \
             let _ = table.transact(writes).await?; keep.into_iter().collect() };",
    },
    Mutant {
        name: "a refused request does not look for its kept answer",
        file: CHANGE,
        from: "&& error.is_refusal()",
        to: "&& false && error.is_refusal()",
    },
    Mutant {
        name: "a kept answer is given to another request with its key",
        file: REPLAYS,
        from: "} else if row.fingerprint == self.fingerprint {",
        to: "} else if row.fingerprint == self.fingerprint || true {",
    },
    Mutant {
        name: "an answer is kept for 23 hours",
        file: REPLAYS,
        from: "TimeDelta::minutes(24 * 60 + 1)",
        to: "TimeDelta::minutes(23 * 60)",
    },
    Mutant {
        name: "a kept answer counts after it expired, until it is deleted",
        file: REPLAYS,
        from: "row.expires_at <= now.timestamp()",
        to: "row.expires_at <= now.timestamp() && false",
    },
    Mutant {
        name: "If-Match is ignored",
        file: CHANGE,
        from: "if !expected.includes(before.version()) =>",
        to: "if !expected.includes(before.version()) && false =>",
    },
    Mutant {
        name: "a refusal is answered though an earlier attempt may still arrive",
        file: CHANGE,
        from: "_ if uncertain => Err(StoreError::uncertain()),",
        to: "_ if uncertain && false => Err(StoreError::uncertain()),",
    },
    Mutant {
        name: "a change of the request's own is answered as that of another one",
        file: CHANGE,
        from: "Err(StoreError::Changed { .. }) if uncertain => {",
        to: "Err(StoreError::Changed { .. }) if uncertain && false => {",
    },
    Mutant {
        name: "a change lacks its history entry",
        file: CHANGE,
        from: "(after, [vec![own], writes, vec![entry], copies].concat())",
        to: "{ let _ = entry; (after, [vec![own], writes, copies].concat()) }",
    },
    Mutant {
        name: "the old copy of an équipement that moves is left",
        file: CHANGE,
        from: "old.map(TransactOp::remove).into_iter().chain(after.map(TransactOp::replace)).collect()",
        to: "{ let _ = old; after.map(TransactOp::replace).into_iter().collect() }",
    },
    Mutant {
        name: "an équipement is added to an inactive site",
        file: COUNTERS,
        from: "TransactOp::update(key, site(1), STATUS.is(&Status::Actif), OnConditionFailed::Inactive(Kind::Site))",
        to: "TransactOp::update(key, site(1), Condition::Exists, OnConditionFailed::Inactive(Kind::Site))",
    },
    Mutant {
        name: "a site or an équipement is added to an inactive client",
        file: COUNTERS,
        from: "TransactOp::update(Key::client(id), client(counts), STATUS.is(&Status::Actif), on_failed)",
        to: "TransactOp::update(Key::client(id), client(counts), Condition::Exists, on_failed)",
    },
    Mutant {
        name: "an équipement of a site that became inactive is subtracted from its client",
        file: COUNTERS,
        from: "TransactOp::update(key, site(equipements), STATUS.is(&status), OnConditionFailed::Stale)",
        to: "{ let _ = status; TransactOp::update(key, site(equipements), Condition::Exists, OnConditionFailed::Stale) }",
    },
    Mutant {
        name: "a site's share of its client's counters may be old when its status changes",
        file: SITES,
        from: "Change::update(before, after).only_if(COUNTS_VERSION.is(&before.counts_version)).with([client])",
        to: "{ let _ = COUNTS_VERSION; Change::update(before, after).with([client]) }",
    },
    Mutant {
        name: "a move inside a client counts twice",
        file: EQUIPEMENTS,
        from: "add_to_parents(after, 1 - counted_before)",
        to: "add_to_parents(after, 1 - counted_before * 0)",
    },
    Mutant {
        name: "an inactive équipement moves to an inactive site",
        file: EQUIPEMENTS,
        from: "None => check_active(&after).into(),",
        to: "None => { let _ = check_active; Vec::new() }",
    },
    Mutant {
        name: "two clients have one code",
        file: CLIENTS,
        from: "TransactOp::insert(&CodeRow { code, client_id }, OnConditionFailed::CodeTaken(code))",
        to: "TransactOp::put(&CodeRow { code, client_id }, super::table::Condition::Absent.or(super::table::Condition::Exists), OnConditionFailed::CodeTaken(code))",
    },
    Mutant {
        name: "the old code of a client stays reserved",
        file: CLIENTS,
        from: "change.with([reserve(*code, *client_id), free])",
        to: "{ let _ = free; change.with([reserve(*code, *client_id)]) }",
    },
    Mutant {
        name: "an empty success counts as done",
        file: RETRY,
        from: "Ok(Ok(output)) if !output.is_complete() =>",
        to: "Ok(Ok(output)) if !output.is_complete() && false =>",
    },
    Mutant {
        name: "an attempt without an answer counts as not carried out",
        file: RETRY,
        from: "uncertain |= again == Transient::Fault;",
        to: "uncertain |= again == Transient::Fault && false;",
    },
    Mutant {
        name: "the deadline does not end a call",
        file: RETRY,
        from: "timeout_at(self.request.deadline, Box::pin(send()))",
        to: "timeout_at(self.request.deadline + Duration::from_secs(5), Box::pin(send()))",
    },
    Mutant {
        name: "a conflict of transactions fails the request",
        file: TRANSACT,
        from: "\"TransactionConflict\" => Some(Transient::Conflict),",
        to: "\"TransactionConflict\" => None,",
    },
    Mutant {
        name: "transient errors are not retried",
        file: RETRY,
        from: "if !backoff.wait().await {",
        to: "if true || !backoff.wait().await {",
    },
    Mutant {
        name: "a throttled call is not sent again",
        file: RETRY,
        from: "=> Some(Transient::Throttle),",
        to: "=> None,",
    },
    Mutant {
        name: "callers share their keys",
        file: REQUEST,
        from: "Self(Digest::of(&(caller, key)).to_string())",
        to: "{ let _ = caller; Self(Digest::of(&key).to_string()) }",
    },
    Mutant {
        name: "a request that requires another version counts as the same",
        file: REPLAYS,
        from: "let fingerprint = Digest::of(&(operation, input, &request.expected));",
        to: "let fingerprint = Digest::of(&(operation, input));",
    },
    Mutant {
        name: "a history entry does not include the digest of the one before",
        file: HISTORY_ROW,
        from: "entry.digest = entry.digest_after(before.map(EntityRow::history));",
        to: "let _ = before; entry.digest = entry.digest_after(None);",
    },
    Mutant {
        name: "callers of two issuers share their keys",
        file: BOUNDARY,
        from: "issuer: claims.get(\"iss\").cloned().unwrap_or_default()",
        to: "issuer: String::new()",
    },
    Mutant {
        name: "a key is stored as it was sent",
        file: REQUEST,
        from: "Self(Digest::of(&(caller, key)).to_string())",
        to: "Self(format!(\"{caller:?} {key}\"))",
    },
    Mutant {
        name: "an answer is kept for 24 hours, without the minute for clocks that differ",
        file: REPLAYS,
        from: "TimeDelta::minutes(24 * 60 + 1)",
        to: "TimeDelta::minutes(24 * 60)",
    },
    Mutant {
        name: "an application has no name",
        file: BOUNDARY,
        from: "named_by(\"sub\").or_else(|| named_by(\"client_id\"))?",
        to: "named_by(\"sub\")?",
    },
    Mutant {
        name: "a call without an answer is waited for ten times as long",
        file: CONNECT,
        from: "operation_attempt_timeout(settings.attempt_time_limit)",
        to: "operation_attempt_timeout(settings.attempt_time_limit * 10)",
    },
    Mutant {
        name: "a change of a client's counters does not raise their version",
        file: COUNTERS,
        from: ".add(EQUIPEMENTS, &equipements).add(COUNTS_VERSION, &1)\n}\n\nfn site",
        to: ".add(EQUIPEMENTS, &equipements)\n}\n\nfn site",
    },
    Mutant {
        name: "a reactivation of a site counts as the same request as its deactivation",
        file: SITES,
        from: "\"set_site_status\", &(id, status)",
        to: "\"set_site_status\", &id",
    },
    Mutant {
        name: "a second refusal makes certain that a lost transaction was not carried out",
        file: CHANGE,
        from: "uncertain |= refusal.uncertain;",
        to: "uncertain = refusal.uncertain;",
    },
];
