//! The errors of the OAuth endpoints, in their own shape.

use super::finish::codes_in;
use crate::problem::{Code, OAuthErrorCode, description};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Whether the errors at a path are those of OAuth.
pub(super) fn speaks(path: &str) -> bool {
    path.starts_with("/oauth/")
}

/// Puts what clients of OAuth are answered in the place of problem details.
pub(super) fn finish(responses: &mut Map<String, Value>) {
    let mut codes = Vec::new();
    responses.retain(|status, response| {
        let noted = codes_in(response["description"].as_str().unwrap_or_default());
        let is_error = !status.starts_with('2');
        if is_error {
            codes.extend(noted);
        }
        !is_error
    });
    let mut by_status = BTreeMap::<u16, BTreeSet<(OAuthErrorCode, Code)>>::new();
    for code in codes {
        by_status
            .entry(OAuthErrorCode::status(code).as_u16())
            .or_default()
            .insert((OAuthErrorCode::of(code), code));
    }
    for (status, words) in by_status {
        responses.insert(status.to_string(), response(&words));
    }
}

fn response(words: &BTreeSet<(OAuthErrorCode, Code)>) -> Value {
    let message = words.iter().map(|(word, code)| format!("`{}`: {}.", word.as_str(), code.title()));
    let mut examples = Map::new();
    for (word, code) in words {
        let value =
            json!({ "error": word.as_str(), "error_description": description(code.title(), code.detail()) });
        examples.entry(word.as_str()).or_insert_with(|| json!({ "summary": code.title(), "value": value }));
    }
    let schema = json!({ "$ref": "#/components/schemas/OAuthError" });
    json!({
        "description": message.collect::<Vec<_>>().join(" "),
        "content": { "application/json": { "schema": schema, "examples": examples } },
    })
}
