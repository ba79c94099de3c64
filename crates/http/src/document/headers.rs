//! The headers of responses. Those that are the same everywhere are described once, under `components`.

use crate::openapi::endpoint::{Dialect, Endpoint, Header};
use serde_json::{Map, Value, json};

/// Headers that are the same wherever they appear: name, description, example, possible values.
const SHARED: [(&str, &str, &str, Values); 11] = [
    (
        "X-Request-Id",
        "The id of the request: the one that was sent if it was valid, otherwise a new one.",
        "7f3c9a51-1",
        Values::Any,
    ),
    ("X-Content-Type-Options", "Browsers must not guess the content type.", "nosniff", Values::One),
    ("Cache-Control", CACHE_CONTROL, "no-store", Values::One),
    ("Pragma", "The same for HTTP/1.0 caches (RFC 6749, section 5.1).", "no-cache", Values::One),
    ("ETag", "The version, for `If-Match` and `If-None-Match`.", "\"7\"", Values::Any),
    ("WWW-Authenticate", "How to authenticate (RFC 6750, section 3).", "Bearer", Values::Any),
    ("Retry-After", "Seconds to wait before the next attempt.", "2", Values::Any),
    ("RateLimit-Limit", "The number of attempts that the exceeded limit allows.", "5", Values::Any),
    ("RateLimit-Remaining", "The number of attempts that are left: none.", "0", Values::Any),
    ("RateLimit-Reset", "Seconds until the next attempt is allowed.", "2", Values::Any),
    ("Vary", "The request headers that the response depends on.", "Accept-Encoding", Values::Any),
];

const CACHE_CONTROL: &str = "Who may cache the response, and for how long.";

/// The possible values of a header.
#[derive(Clone, Copy)]
enum Values {
    /// The example only.
    One,
    /// Others too.
    Any,
}

/// The headers of an endpoint's respond with this status.
pub(super) fn of_response(path: &str, endpoint: &Endpoint, status: u16) -> Map<String, Value> {
    let mut headers = Map::new();
    for name in shared_names(endpoint.dialect(), status) {
        headers.insert((*name).to_owned(), shared(name));
    }
    if matches!(status, 200..400) {
        if let Some(value) = endpoint.cache_control() {
            headers.insert("Cache-Control".to_owned(), header(CACHE_CONTROL, value, Values::One));
        }
        let own = endpoint.headers().iter().filter(|header| status != 304 || **header == Header::ETag);
        headers.extend(own.map(|header| describe(header, path)));
    }
    headers
}

/// The names of the headers that depend on the status alone.
fn shared_names(dialect: Dialect, status: u16) -> impl Iterator<Item = &'static str> {
    let by_status: &[&str] = match (dialect, status) {
        // A client whose token lacks the scope (RFC 6750, section 3.1).
        (Dialect::OAuth, 403) | (_, 401) => &["WWW-Authenticate"],
        (_, 429) => &["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
        (_, 503) => &["Retry-After"],
        _ => &[],
    };
    let pragma: &[&str] = if dialect == Dialect::OAuth { &["Pragma"] } else { &[] };
    let always = &["X-Request-Id", "X-Content-Type-Options", "Cache-Control"];
    always.iter().chain(pragma).chain(by_status).copied()
}

/// The name and the description of an endpoint's own header.
fn describe(own: &Header, path: &str) -> (String, Value) {
    let (name, value) = match own {
        Header::ContentDisposition(example) => {
            ("Content-Disposition", header("The name for the file.", example, Values::Any))
        }
        Header::ContentEncoding => {
            let encoding = header("The file is compressed.", "gzip", Values::One);
            ("Content-Encoding", sometimes(encoding, "Only for clients that accept it."))
        }
        Header::ContentSecurityPolicy(value) => (
            "Content-Security-Policy",
            header("The page loads only files from this server.", value, Values::One),
        ),
        Header::ETag => ("ETag", shared("ETag")),
        Header::Link => {
            let next = format!("<{path}?cursor=eyJ2IjoxfQ>; rel=\"next\"");
            let link = header("The next page, as `rel=\"next\"` (RFC 8288).", &next, Values::Any);
            ("Link", sometimes(link, "Absent on the last page."))
        }
        Header::Location(example) => {
            ("Location", header("The path of what was created.", example, Values::Any))
        }
        Header::Vary => ("Vary", shared("Vary")),
    };
    (name.to_owned(), value)
}

fn shared(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The shared headers, for `components`.
pub(super) fn components() -> Map<String, Value> {
    let described = SHARED
        .iter()
        .map(|&(name, description, example, values)| (name.to_owned(), header(description, example, values)));
    described.collect()
}

/// A header that is always present.
fn header(description: &str, example: &str, values: Values) -> Value {
    let mut schema = match example.parse::<u32>() {
        Ok(example) => json!({ "type": "integer", "example": example }),
        Err(_) => json!({ "type": "string", "example": example }),
    };
    if matches!(values, Values::One) {
        schema["enum"] = json!([example]);
    }
    json!({ "description": description, "required": true, "schema": schema })
}

fn sometimes(mut header: Value, when: &str) -> Value {
    header["required"] = false.into();
    header["description"] = format!("{} {when}", header["description"].as_str().unwrap_or_default()).into();
    header
}

/// The header that every request may have. It has no example, because the docs page would send it with each request.
pub(super) fn request_id() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "description": "An id for the request, to find it in logs: 1 to 128 of `A-Z a-z 0-9 . _ -`. With any other \
            value the response has a new id.",
        "schema": { "type": "string" },
    })
}
