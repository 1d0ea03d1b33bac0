//! Target `query`: on lines of their own, a query string, a cursor, an `If-Match`, an `If-None-Match` and an
//! `Idempotency-Key`.

use std::future::ready;
use std::sync::LazyLock;

use lambda_http::Body;
use lambda_http::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use lambda_http::http::{HeaderName, HeaderValue, Method, StatusCode};
use regex_lite::Regex;
use shared::Clock;
use shared::http::{AppContext, IDEMPOTENCY_KEY_PATTERN, IF_MATCH_PATTERN, Response, answer, answer_static};
use shared::models::{ClientId, EntityId, Position, Rank, SiteId};
use shared::store::{Database, Settings};
use shared::validation::{ChildFilter, ClientFilter, CursorKey, ListFilter, ListParams, ListScope};
use testkit::AMPLE_TIME;

static IF_MATCH_VALUES: LazyLock<Regex> = LazyLock::new(|| Regex::new(IF_MATCH_PATTERN).expect("a pattern"));
static KEYS: LazyLock<Regex> = LazyLock::new(|| Regex::new(IDEMPOTENCY_KEY_PATTERN).expect("a pattern"));

/// An entity tag with its quotes.
static TAGS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""[!#-~]*""#).expect("a pattern"));

/// Tag of the answer to a GET.
const TAG: &str = "\"3-ab\"";

/// Checks that lists, cursors and headers are read or refused as they are documented.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (query, cursor) = (line(), line());
    let digest = input.iter().fold(1u128, |digest, byte| digest.wrapping_mul(31).wrapping_add(u128::from(*byte)));
    let rank = Rank::of(ClientId::in_path(&format!("{digest:032x}")));
    let keys = CursorKey::new("key of a test");
    check_list::<ClientFilter>(&keys, query, rank);
    check_list::<ChildFilter<ClientId>>(&keys, query, rank);
    check_list::<ChildFilter<SiteId>>(&keys, query, rank);
    check_cursor(&keys, cursor, rank);
    check_conditions(line(), line(), line());
}

/// A list that is read has a next page, which is read back and belongs to no other list.
fn check_list<F: ListFilter + PartialEq + std::fmt::Debug>(keys: &CursorKey, query: &str, rank: Rank) {
    let pairs = || form_urlencoded::parse(query.as_bytes()).into_owned().filter(|(name, _)| name != "cursor");
    let Ok(first) = ListParams::<F>::from_query(pairs(), keys, F::scope) else { return };
    assert!(first.pagination.limit.is_none_or(|limit| (1..=1000).contains(&limit)));
    let cursor = keys.write(&first.scope, rank);
    let next =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs()).append_pair("cursor", &cursor).finish();
    let next = form_urlencoded::parse(next.as_bytes()).into_owned();
    let next = ListParams::<F>::from_query(next, keys, F::scope).expect("the next page");
    assert_eq!((next.pagination.after, next.pagination.limit), (Some(rank), first.pagination.limit));
    assert_eq!((next.filter, next.scope), (first.filter, first.scope));
}

/// A cursor is read only if parc wrote it.
fn check_cursor(keys: &CursorKey, text: &str, rank: Rank) {
    let list = ListScope::infos(ClientId::in_path(""));
    if let Ok(rank) = keys.read::<Rank>(&list, text) {
        assert_eq!(keys.write(&list, rank), text);
    }
    let written = keys.write(&list, rank);
    assert_eq!(keys.read(&list, &written).ok(), Some(rank));
    let position = usize::from(rank.to_uuid().as_bytes()[15]) % written.len();
    let mut changed = written.into_bytes();
    changed[position] = if changed[position] == b'0' { b'1' } else { b'0' };
    assert!(keys.read::<Rank>(&list, &String::from_utf8_lossy(&changed)).is_err());
}

/// A header is refused exactly if the documented pattern does not match, and `If-None-Match` finds the tag in its list.
fn check_conditions(if_match: &str, if_none_match: &str, key: &str) {
    let [if_match, if_none_match, key] = [if_match, if_none_match, key].map(|text| text.trim_matches([' ', '\t']));
    if let Some(refused) = refused(IF_MATCH, if_match) {
        assert_eq!(refused, !IF_MATCH_VALUES.is_match(if_match), "If-Match: {if_match}");
    }
    if let Some(refused) = refused(HeaderName::from_static("idempotency-key"), key) {
        assert_eq!(refused, !KEYS.is_match(key), "Idempotency-Key: {key}");
    }
    if let Some(status) = status_of_known(if_none_match) {
        let named = TAGS.find_iter(if_none_match).any(|tag| tag.as_str() == TAG);
        let matches = if_none_match == "*" || IF_MATCH_VALUES.is_match(if_none_match) && named;
        assert_eq!(status == StatusCode::NOT_MODIFIED, matches, "If-None-Match: {if_none_match}");
    }
}

/// Returns a request with a header; `None` if HTTP does not allow its value. The patterns are about ASCII.
fn request(method: Method, name: HeaderName, value: &str) -> Option<lambda_http::Request> {
    let value = HeaderValue::try_from(value).ok().filter(|_| value.is_ascii())?;
    let mut request = lambda_http::Request::new(Body::Empty);
    *request.method_mut() = method;
    request.headers_mut().insert(name, value);
    Some(request)
}

/// Returns `true` if a POST with this header is refused.
fn refused(name: HeaderName, value: &str) -> Option<bool> {
    thread_local! {
        static SERVER: (tokio::runtime::Runtime, AppContext) = server();
    }
    let request = request(Method::POST, name, value)?;
    let handler =
        |_, request: shared::http::Request| ready(request.id::<ClientId>().map(|_| Response::new(Body::Empty)));
    let (response, _) = SERVER.with(|(runtime, app)| runtime.block_on(answer(handler, app, request)));
    Some(response.status() == StatusCode::UNPROCESSABLE_ENTITY)
}

/// Returns a runtime, and an API whose table is never called.
fn server() -> (tokio::runtime::Runtime, AppContext) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let database = Database::connect(Settings::for_endpoint("parc", "http://127.0.0.1:1")).expect("a connection");
    (runtime, AppContext { database, cursors: CursorKey::new(""), time_limit: AMPLE_TIME, clock: Clock::system() })
}

/// Returns the status of a GET whose caller knows these tags.
fn status_of_known(tags: &str) -> Option<StatusCode> {
    let handler = |_: &lambda_http::Request| {
        let mut response = Response::new(Body::Empty);
        response.headers_mut().insert(ETAG, HeaderValue::from_static(TAG));
        response
    };
    Some(answer_static(handler, request(Method::GET, IF_NONE_MATCH, tags)?).0.status())
}
