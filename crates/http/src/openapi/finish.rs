//! The finishing pass: from what paperclip gives to what the API keeps.

use super::headers::{self, Answer};
use super::{examples, oauth, schema, security};
use crate::problem::{Code, PROBLEM_JSON, type_uri};
use serde_json::{Map, Value, json};

/// Completes a converted document.
pub(crate) fn finish(mut document: Value) -> Value {
    hoist(&mut document);
    drop_patterns(&mut document["paths"]);
    document["openapi"] = "3.0.3".into();
    document["servers"] = json!([{ "url": "/" }]);
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for operation in members(item).filter(|value| value.is_object()) {
            finish_operation(path, operation);
        }
        item["parameters"] = json!([{ "$ref": "#/components/parameters/X-Request-Id" }]);
    }
    document["components"]["headers"] = headers::components().into();
    document["components"]["parameters"] = json!({ "X-Request-Id": headers::request_id() });
    for schema in members(&mut document["components"]["schemas"]) {
        close(schema);
    }
    examples::complete(&mut document);
    name_codes(&mut document["components"]["schemas"]["Problem"]["properties"]["code"]);
    document["components"]["securitySchemes"] = security::schemes();
    document
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

/// The router's `{name:.*}` is `{name}` to OpenAPI.
fn drop_patterns(paths: &mut Value) {
    if let Some(paths) = paths.as_object_mut() {
        let plain = std::mem::take(paths).into_iter().map(|(path, item)| (path.replace(":.*}", "}"), item));
        *paths = plain.collect();
    }
}

/// Puts every hidden schema in the place of its carrier; a description that is there already stays.
fn hoist(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let carried = object.get_mut("example").and_then(|e| e.as_object_mut()?.remove(schema::HIDDEN));
            if let Some(Value::Object(mut hidden)) = carried {
                if let (Some(own), Some(more)) = (object.get("description"), hidden.get("description")) {
                    let both = format!("{} {}", own.as_str().unwrap_or(""), more.as_str().unwrap_or(""));
                    hidden.insert("description".to_owned(), both.into());
                }
                object.retain(|name, _| matches!(name.as_str(), "description" | "type" | "format" | "enum"));
                object.extend(hidden);
            }
            object.values_mut().for_each(hoist);
        }
        Value::Array(items) => items.iter_mut().for_each(hoist),
        _ => {}
    }
}

/// What is not named is refused in a request and absent from an answer.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut()
        && object.contains_key("properties")
        && !object.contains_key("additionalProperties")
    {
        object.insert("additionalProperties".to_owned(), false.into());
    }
}

/// An id, for an example.
const EXAMPLE_ID: &str = "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

fn finish_operation(path: &str, operation: &mut Value) {
    unwrap_lines(&mut operation["description"]);
    let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let instance =
        filled(&if path.starts_with("/users") { path.replace("{id}", "me") } else { path.to_owned() });
    if let Some(responses) = operation["responses"].as_object_mut() {
        if oauth::speaks(path) {
            oauth::finish(responses);
        }
        for (status, response) in responses.iter_mut() {
            finish_response(path, &name, status.parse().unwrap_or(0), response, &instance);
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        spread_media_types(body, &name);
    }
    if let Some(requirements) = operation.get_mut("security").and_then(Value::as_array_mut) {
        // The same token, however it was got: pasted, or by the password form on the docs page.
        requirements.push(json!({ "bearerAuth": [] }));
        if name == "introspectToken" {
            requirements.push(json!({ "client": [] }));
        }
        // Anyone may, or whoever holds the permission: that is a setting.
        if matches!(name.as_str(), "registerUser" | "readMetrics") {
            requirements.insert(0, json!({}));
        }
    }
}

/// A path with ids in the place of its placeholders.
pub(super) fn filled(path: &str) -> String {
    let ids = ["{id}", "{key_id}", "{sid}"].iter();
    let path = path.replace("{asset}", "nothing.js").replace("{issuer_path}", "auth");
    ids.fold(path, |path, id| path.replace(id, EXAMPLE_ID))
}

/// A doc comment is broken into lines for the editor; a page breaks its own.
fn unwrap_lines(description: &mut Value) {
    if let Some(text) = description.as_str() {
        let paragraphs =
            text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        *description = paragraphs.collect::<Vec<_>>().join("\n\n").into();
    }
}

/// Operations that take more than plain JSON.
fn spread_media_types(body: &mut Value, operation: &str) {
    let more = match operation {
        "patchUser" | "patchServiceAccount" => "application/merge-patch+json",
        "logIn" => {
            let form = json!({ "schema": { "$ref": "#/components/schemas/PasswordForm" } });
            body["content"]["application/x-www-form-urlencoded"] = form;
            return;
        }
        "issueToken" | "introspectToken" | "revokeToken" => {
            let form = body["content"]["application/json"].take();
            body["content"] = json!({ "application/x-www-form-urlencoded": form });
            return;
        }
        _ => return,
    };
    let json = body["content"]["application/json"].clone();
    body["content"][more] = json;
}

fn finish_response(path: &str, operation: &str, status: u16, response: &mut Value, instance: &str) {
    let holds = response.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
    let holds = holds.and_then(|reference| reference.rsplit('/').next()).map(str::to_owned);
    let noted = response["description"].as_str().unwrap_or_default().to_owned();
    let codes = codes_in(&noted);
    if !codes.is_empty() {
        response["description"] = titles(&codes).into();
        response["content"] = json!({ PROBLEM_JSON: problem(&codes, instance) });
    }
    let holds = holds.as_deref();
    response["headers"] = headers::of_response(&Answer { path, operation, status, holds }).into();
}

/// The codes that extractors and use cases noted in a response's description.
pub(super) fn codes_in(noted: &str) -> Vec<Code> {
    Code::ALL.iter().copied().filter(|code| noted.split(' ').any(|n| n == code.as_str())).collect()
}

fn titles(codes: &[Code]) -> String {
    let titles = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title()));
    titles.collect::<Vec<_>>().join(" ")
}

fn problem(codes: &[Code], instance: &str) -> Value {
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| {
            (code.as_str().to_owned(), json!({ "summary": code.title(), "value": example(*code, instance) }))
        })
        .collect();
    json!({ "schema": { "$ref": "#/components/schemas/Problem" }, "examples": examples })
}

fn example(code: Code, instance: &str) -> Value {
    let mut example = json!({
        "type": type_uri(code), "title": code.title(), "status": code.status().as_u16(),
        "detail": code.detail(), "instance": instance, "code": code.as_str(), "request_id": "7f3c9a51-1",
    });
    if code == Code::ValidationFailed {
        example["errors"] = json!([
            { "pointer": "/email", "code": "email_invalid", "message": "not an email address" },
        ]);
    }
    example
}

/// Lists the codes in the schema of a problem.
fn name_codes(schema: &mut Value) {
    schema["enum"] = Code::ALL.iter().map(|code| code.as_str()).collect();
}
