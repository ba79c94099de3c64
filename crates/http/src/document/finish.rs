//! The finishing pass: turns paperclip's document into the one that is served.

use super::endpoint::Operation;
use super::{examples, headers, security};
use crate::code::Code;
use crate::openapi::schema::HIDDEN;
use crate::router::Registered;
use serde_json::{Map, Value, json};

/// Completes a converted document.
pub(super) fn finish(mut document: Value, registered: &[Registered]) -> Value {
    hoist(&mut document);
    for Registered { path, method, endpoint } in registered {
        let operation = &mut document["paths"][path][method.as_str().to_lowercase()];
        Operation { path: &plain(path), endpoint }.finish(operation);
    }
    drop_patterns(&mut document["paths"]);
    document["openapi"] = "3.0.3".into();
    document["servers"] = json!([{ "url": "/" }]);
    for item in members(&mut document["paths"]) {
        item["parameters"] = json!([{ "$ref": "#/components/parameters/X-Request-Id" }]);
    }
    document["components"]["headers"] = headers::components().into();
    document["components"]["parameters"] = json!({ "X-Request-Id": headers::request_id() });
    for schema in members(&mut document["components"]["schemas"]) {
        close(schema);
    }
    examples::complete(&mut document);
    list_codes(&mut document["components"]["schemas"]["Problem"]["properties"]["code"]);
    document["components"]["securitySchemes"] = security::schemes();
    document
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

/// The router's `{name:.*}` is `{name}` in OpenAPI.
fn plain(path: &str) -> String {
    path.replace(":.*}", "}")
}

fn drop_patterns(paths: &mut Value) {
    if let Some(paths) = paths.as_object_mut() {
        let renamed = std::mem::take(paths).into_iter().map(|(path, item)| (plain(&path), item));
        *paths = renamed.collect();
    }
}

/// Moves every hidden schema to its place. A description that is already there is kept, before the hidden one.
fn hoist(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let carried = object.get_mut("example").and_then(|e| e.as_object_mut()?.remove(HIDDEN));
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

/// Closes a schema: requests must not have members that it does not list, and responses never do.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut()
        && object.contains_key("properties")
        && !object.contains_key("additionalProperties")
    {
        object.insert("additionalProperties".to_owned(), false.into());
    }
}

/// Lists all codes in the schema of a problem.
fn list_codes(schema: &mut Value) {
    schema["enum"] = Code::ALL.iter().map(|code| code.as_str()).collect();
}
