//! Bugs of the headers of requests and answers.

use super::super::Mutant;

const RESPONSE: &str = "shared/src/http/response.rs";
const FAILURE: &str = "shared/src/http/failure.rs";
const BOUNDARY: &str = "shared/src/http/boundary.rs";
const ETAG: &str = "shared/src/http/etag.rs";
const HTTP_REQUEST: &str = "shared/src/http/request.rs";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a repeated answer is not marked",
        file: RESPONSE,
        from: "response.headers_mut().insert(\"idempotency-replayed\", HeaderValue::from_static(\"true\"));",
        to: "let _ = &mut response;",
    },
    Mutant {
        name: "an answer 503 has no Retry-After",
        file: FAILURE,
        from: "if status == StatusCode::SERVICE_UNAVAILABLE {",
        to: "if false && status == StatusCode::SERVICE_UNAVAILABLE {",
    },
    Mutant {
        name: "an answer lacks the identifier of its request",
        file: BOUNDARY,
        from: "response.headers_mut().insert(REQUEST_ID, id);",
        to: "let _ = id;",
    },
    Mutant {
        name: "If-None-Match is ignored",
        file: BOUNDARY,
        from: "known.is_some_and(|known| known.match_weakly(tag))",
        to: "known.is_some_and(|known| known.match_weakly(tag) && false)",
    },
    Mutant {
        name: "any If-None-Match is answered 304",
        file: BOUNDARY,
        from: "known.is_some_and(|known| known.match_weakly(tag))",
        to: "known.is_some_and(|known| known.match_weakly(tag) || true)",
    },
    Mutant {
        name: "the entity tag of an entity is only its version",
        file: ETAG,
        from: "let digest = digest(response.body());\n    set_tag(response, &format!(\"{version}-{digest}\"));",
        to: "set_tag(response, &format!(\"{version}-0\"));",
    },
    Mutant {
        name: "a 412 names the version before",
        file: FAILURE,
        from: "tag_refusal(&mut response, *version, body);",
        to: "tag_refusal(&mut response, version - 1, body);",
    },
    Mutant {
        name: "only the first tag of If-Match counts",
        file: ETAG,
        from: "tags.iter().filter_map(EntityTag::version)",
        to: "tags.iter().take(1).filter_map(EntityTag::version)",
    },
    Mutant {
        name: "If-Match: * matches no version",
        file: ETAG,
        from: "Ok(ExpectedVersion::Any)",
        to: "Ok(ExpectedVersion::OneOf([].into()))",
    },
    Mutant {
        name: "a request with If-Match: * counts as the same request without it",
        file: ETAG,
        from: "joined(headers, &IF_MATCH).map(",
        to: "joined(headers, &IF_MATCH).filter(|value| value.trim() != \"*\").map(",
    },
    Mutant {
        name: "an answer 503 discloses its cause",
        file: FAILURE,
        from: "\"Service momentanément indisponible\".to_owned()",
        to: "self.to_string()",
    },
    Mutant {
        name: "links to further pages have another path",
        file: HTTP_REQUEST,
        from: "self.event.raw_http_path()",
        to: "\"/\"",
    },
];
