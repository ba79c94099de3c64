//! Headers in the document. What every answer has stands there once, under `components`.

use super::oauth;
use crate::routes::{DOCS_POLICY, KEY_SET_CACHE_CONTROL};
use serde_json::{Map, Value, json};

/// An answer of an operation, as far as its headers depend on it.
pub(super) struct Answer<'a> {
    /// Where the operation is, with its placeholders.
    pub(super) path: &'a str,
    /// Its id.
    pub(super) operation: &'a str,
    pub(super) status: u16,
    /// The name of the schema that a body has.
    pub(super) holds: Option<&'a str>,
}

/// Those that are the same wherever they are: the name, what it says, an example, and whether it has no other value.
const SHARED: [(&str, &str, &str, Values); 12] = [
    (
        "X-Request-Id",
        "The id of the request: the one that was sent, if it was usable, else a new one.",
        "7f3c9a51-1",
        Values::Any,
    ),
    ("X-Content-Type-Options", "The type is what `Content-Type` says.", "nosniff", Values::One),
    ("Cache-Control", KEPT, "no-store", Values::One),
    ("Pragma", "The same for caches of long ago (RFC 6749, section 5.1).", "no-cache", Values::One),
    ("ETag", "The version, for `If-Match` and `If-None-Match`.", "\"7\"", Values::Any),
    ("WWW-Authenticate", "How to authenticate (RFC 6750, section 3).", "Bearer", Values::Any),
    ("Retry-After", "After how many seconds to try again.", "2", Values::Any),
    ("RateLimit-Limit", "How many attempts the limit allows that was reached.", "5", Values::Any),
    ("RateLimit-Remaining", "How many of them are left: none.", "0", Values::Any),
    ("RateLimit-Reset", "In how many seconds there is one again.", "2", Values::Any),
    ("Content-Security-Policy", "The page runs only what comes from here.", DOCS_POLICY, Values::One),
    ("Vary", "What of the request the answer depends on.", "Accept-Encoding", Values::Any),
];

const KEPT: &str = "Who may keep the answer, and for how long.";

/// What a header may hold.
#[derive(Clone, Copy)]
enum Values {
    /// The example, and nothing else.
    One,
    /// Others too.
    Any,
}

/// The headers that an answer has.
pub(super) fn of_response(answer: &Answer<'_>) -> Map<String, Value> {
    let described = |name: &str| own(name, answer).unwrap_or_else(|| shared(name));
    names(answer).into_iter().map(|name| (name.to_owned(), described(name))).collect()
}

fn names(answer: &Answer<'_>) -> Vec<&'static str> {
    let Answer { path, operation, status, holds } = *answer;
    let mut names = vec!["X-Request-Id", "X-Content-Type-Options", "Cache-Control"];
    if status == 201 {
        names.push("Location");
    }
    if status == 304 || (status < 300 && matches!(holds, Some("KeySet" | "User" | "ServiceAccount"))) {
        names.push("ETag");
    }
    if status == 200 && matches!(holds, Some("UserPage" | "ServiceAccountPage" | "AuditPage")) {
        names.push("Link");
    }
    if oauth::speaks(path) {
        names.push("Pragma");
    }
    match (operation, status) {
        ("readDocs", 200) => names.extend(["Content-Security-Policy", "Vary"]),
        ("readDocsAsset", 200) => names.extend(["Content-Encoding", "Vary"]),
        // A client with a token that lacks the scope (RFC 6750, section 3.1).
        ("introspectToken", 403) | (_, 401) => names.push("WWW-Authenticate"),
        (_, 429) => {
            names.extend(["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]);
        }
        (_, 503) => names.push("Retry-After"),
        _ => {}
    }
    names
}

/// A header that says another thing here than elsewhere.
fn own(name: &str, answer: &Answer<'_>) -> Option<Value> {
    match name {
        "Cache-Control" => {
            let value = match (answer.operation, answer.status) {
                ("readUser" | "readServiceAccount", 200 | 304) => "private, no-cache",
                ("readKeySet", 200 | 304) => KEY_SET_CACHE_CONTROL,
                ("readDocs" | "readDocsAsset" | "readOpenApi", 200) => "no-cache",
                _ => return None,
            };
            Some(header(KEPT, value, Values::One))
        }
        "Location" => {
            let list = answer.path.trim_end_matches("/{key_id}/rotate");
            let place = super::finish::filled(&format!("{list}/{{key_id}}"));
            Some(header("Where the new one is.", &place, Values::Any))
        }
        "Link" => {
            let next = format!("<{}?cursor=eyJ2IjoxfQ>; rel=\"next\"", answer.path);
            let link = header("The next page, as `rel=\"next\"` (RFC 8288).", &next, Values::Any);
            Some(sometimes(link, "Missing on the last."))
        }
        "Content-Encoding" => {
            let coding = header("That the file is packed.", "gzip", Values::One);
            Some(sometimes(coding, "Only for a client that takes it."))
        }
        _ => None,
    }
}

fn shared(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// What [`of_response`] refers to.
pub(super) fn components() -> Map<String, Value> {
    let described = SHARED
        .iter()
        .map(|&(name, description, example, values)| (name.to_owned(), header(description, example, values)));
    described.collect()
}

/// A header that its answers always have.
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

/// The header that any request may have. Without an example: the docs page would send that with every request.
pub(super) fn request_id() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "description": "An id for the request, to find it again in logs: 1 to 128 of `A-Z a-z 0-9 . _ -`. Any other \
            is not used: the answer has a new one.",
        "schema": { "type": "string" },
    })
}
