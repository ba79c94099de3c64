//! The errors of OAuth endpoints in the OpenAPI document.

use super::errors::{OAuthErrorCode, description};
use crate::code::Code;
use crate::openapi::errors::noted_codes;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Replaces the error responses of an operation by those that OAuth clients receive.
pub(crate) fn replace_errors(responses: &mut Map<String, Value>) {
    let mut codes = Vec::new();
    responses.retain(|status, response| {
        let is_success = status.starts_with('2');
        if !is_success {
            codes.extend(noted_codes(response["description"].as_str().unwrap_or_default()));
        }
        is_success
    });
    let mut by_status = BTreeMap::<u16, BTreeSet<(OAuthErrorCode, Code)>>::new();
    for code in codes {
        let errors = by_status.entry(OAuthErrorCode::status(code).as_u16()).or_default();
        errors.insert((OAuthErrorCode::of(code), code));
    }
    for (status, errors) in by_status {
        responses.insert(status.to_string(), response(&errors));
    }
}

fn response(errors: &BTreeSet<(OAuthErrorCode, Code)>) -> Value {
    let titles = errors.iter().map(|(error, code)| format!("`{}`: {}.", error.as_str(), code.title()));
    let mut examples = Map::new();
    for (error, code) in errors {
        let value =
            json!({ "error": error.as_str(), "error_description": description(code.title(), code.detail()) });
        examples.entry(error.as_str()).or_insert_with(|| json!({ "summary": code.title(), "value": value }));
    }
    let schema = json!({ "$ref": "#/components/schemas/OAuthError" });
    json!({
        "description": titles.collect::<Vec<_>>().join(" "),
        "content": { "application/json": { "schema": schema, "examples": examples } },
    })
}
