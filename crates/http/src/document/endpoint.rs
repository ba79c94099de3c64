//! Completes one operation from the constant of its endpoint and from what its extractors noted.

use super::headers;
use crate::code::Code;
use crate::oauth;
use crate::openapi::body::noted_media;
use crate::openapi::endpoint::{Dialect, Endpoint, Security};
use crate::openapi::errors::noted_codes;
use crate::problem::{PROBLEM_JSON, type_uri};
use serde_json::{Map, Value, json};

/// An operation of the document.
pub(super) struct Operation<'a> {
    /// The path, with placeholders.
    pub(super) path: &'a str,
    pub(super) endpoint: &'a Endpoint,
}

/// An id for examples.
const EXAMPLE_ID: &str = "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

impl Operation<'_> {
    /// Completes the operation that paperclip made.
    pub(super) fn finish(&self, operation: &mut Value) {
        unwrap_lines(&mut operation["description"]);
        self.add_errors(&mut operation["responses"]);
        let instance = self.example_path();
        if let Some(responses) = operation["responses"].as_object_mut() {
            if self.endpoint.dialect() == Dialect::OAuth {
                oauth::replace_errors(responses);
            }
            for (status, response) in responses.iter_mut() {
                self.finish_response(status.parse().unwrap_or(0), response, &instance);
            }
        }
        if let Some(body) = operation.get_mut("requestBody") {
            add_media_types(body);
        }
        if let Some(requirements) = operation.get_mut("security").and_then(Value::as_array_mut) {
            self.add_security(requirements);
        }
    }

    /// Adds the errors of the use case to those that the extractors noted.
    fn add_errors(&self, responses: &mut Value) {
        for code in self.endpoint.errors() {
            let description = &mut responses[code.status().as_str()]["description"];
            *description = format!("{} {}", description.as_str().unwrap_or_default(), code.as_str()).into();
        }
    }

    fn finish_response(&self, status: u16, response: &mut Value, instance: &str) {
        let codes = noted_codes(response["description"].as_str().unwrap_or_default());
        if !codes.is_empty() {
            response["description"] = titles(&codes).into();
            response["content"] = json!({ PROBLEM_JSON: problem(&codes, instance) });
        }
        if matches!(status, 200..300) && !self.endpoint.media().is_empty() {
            let content = self.endpoint.media().iter();
            let content = content.map(|media| (media.name.to_owned(), json!({ "schema": (media.schema)() })));
            response["content"] = Value::Object(content.collect());
        }
        response["headers"] = headers::of_response(self.path, self.endpoint, status).into();
    }

    fn add_security(&self, requirements: &mut Vec<Value>) {
        // The same token as under `oauth2`, but pasted instead of fetched by the password form on the docs page.
        requirements.push(json!({ "bearerAuth": [] }));
        match self.endpoint.security() {
            Security::Documented => {}
            Security::Optional => requirements.insert(0, json!({})),
            Security::OrClient => requirements.push(json!({ "client": [] })),
        }
    }

    /// The path with `me` or ids in its placeholders.
    fn example_path(&self) -> String {
        if let Some(path) = self.endpoint.example_path() {
            return path.to_owned();
        }
        let path = if self.path.starts_with("/users") {
            self.path.replace("{id}", "me")
        } else {
            self.path.to_owned()
        };
        ["{id}", "{key_id}", "{sid}"].iter().fold(path, |path, id| path.replace(id, EXAMPLE_ID))
    }
}

/// Joins the lines of each paragraph: doc comments break lines for the editor, pages for the screen.
fn unwrap_lines(description: &mut Value) {
    if let Some(text) = description.as_str() {
        let paragraphs =
            text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        *description = paragraphs.collect::<Vec<_>>().join("\n\n").into();
    }
}

/// Gives a body the media types that its extractor noted.
fn add_media_types(body: &mut Value) {
    let noted = noted_media(body["description"].as_str().unwrap_or_default());
    let content = noted.into_iter().map(|(media, schema)| {
        let reference = format!("#/components/schemas/{}", schema.as_str().unwrap_or_default());
        (media, json!({ "schema": { "$ref": reference } }))
    });
    body["content"] = Value::Object(content.collect());
    if let Some(body) = body.as_object_mut() {
        body.remove("description");
    }
}

fn titles(codes: &[Code]) -> String {
    let titles = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title()));
    titles.collect::<Vec<_>>().join(" ")
}

fn problem(codes: &[Code], instance: &str) -> Value {
    let examples = codes.iter().map(|code| {
        let example = json!({ "summary": code.title(), "value": example(*code, instance) });
        (code.as_str().to_owned(), example)
    });
    let examples: Map<String, Value> = examples.collect();
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
