//! Response headers in the document.

use serde_json::{Map, Value, json};

/// The headers that an answer of this status has, by what it holds.
pub(crate) fn of_response(status: u16, holds: Option<&str>) -> Map<String, Value> {
    let mut names = vec!["X-Request-Id"];
    if status == 201 {
        names.push("Location");
    }
    if status == 304 || (status < 300 && matches!(holds, Some("KeySet" | "User" | "ServiceAccount"))) {
        names.push("ETag");
    }
    if status == 200 && matches!(holds, Some("UserPage" | "ServiceAccountPage" | "AuditPage")) {
        names.push("Link");
    }
    match status {
        401 => names.push("WWW-Authenticate"),
        429 => names.extend(["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]),
        503 => names.push("Retry-After"),
        _ => {}
    }
    names.into_iter().map(|name| (name.to_owned(), header(name))).collect()
}

fn header(name: &str) -> Value {
    let (description, example) = match name {
        "X-Request-Id" => {
            ("The id of the request: the one that was sent, if it was usable, else a new one.", "7f3c9a51-1")
        }
        "Location" => ("Where the new one is.", "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8"),
        "ETag" => ("The version, for `If-Match` and `If-None-Match`.", "\"7\""),
        "Link" => (
            "The next page, as `rel=\"next\"` (RFC 8288); missing on the last.",
            "</users?cursor=eyJ2IjoxfQ>; rel=\"next\"",
        ),
        "WWW-Authenticate" => {
            ("How to authenticate (RFC 6750, section 3).", "Bearer error=\"invalid_token\"")
        }
        "RateLimit-Limit" => ("How many attempts the limit allows that was reached.", "5"),
        "RateLimit-Remaining" => ("How many of them are left: none.", "0"),
        "RateLimit-Reset" => ("In how many seconds there is one again.", "2"),
        _ => ("After how many seconds to try again.", "2"),
    };
    let kind = match example.parse::<u32>() {
        Ok(example) => json!({"type": "integer", "example": example}),
        Err(_) => json!({"type": "string", "example": example}),
    };
    json!({ "description": description, "schema": kind })
}
