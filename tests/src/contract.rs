//! Checks every response against the OpenAPI document.

use crate::response::Response;
use crate::schema;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use ureq::Agent;

const PROBLEM_JSON: &str = "application/problem+json";

/// The OpenAPI document of the server under test.
pub struct Contract {
    document: Value,
    /// Compiled schemas by their JSON text.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// The document, fetched once from the first server that a test starts.
    pub(crate) fn of(agent: &Agent, base: &str) -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let mut response = agent.get(format!("{base}/openapi.json")).call().expect("the server responds");
            let text = response.body_mut().read_to_string().unwrap();
            let document = serde_json::from_str(&text).expect("/openapi.json is JSON");
            Self { document, validators: Mutex::default() }
        })
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation: path, method in upper case, definition.
    pub fn operations(&self) -> impl Iterator<Item = (&str, String, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let methods =
                item.as_object().into_iter().flatten().filter(|(_, it)| it.get("responses").is_some());
            methods.map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
        })
    }

    /// Checks a response against the common rules and the documentation of its operation.
    pub(crate) fn check(&self, response: &Response) {
        assert_ne!(response.status(), 500, "{}", response.summary());
        check_common_headers(response);
        let path = path_of(response);
        if response.status() >= 400 && path.starts_with("/oauth/") {
            self.check_oauth_error(response);
        } else if response.status() >= 400 {
            self.check_problem(response);
        }
        let method = if response.method() == "HEAD" { "GET" } else { response.method() };
        let Some(item) = self.item(path) else {
            assert_eq!(response.status(), 404, "an undocumented path: {}", response.summary());
            return;
        };
        match item.get(method.to_lowercase()) {
            Some(operation) => self.check_response(response, operation),
            None if method == "OPTIONS" => {
                let rejected = response.status() == 403 && response.code() == "preflight_refused";
                assert!(response.status() < 300 || rejected, "{}", response.summary());
            }
            None => {
                assert_eq!(response.status(), 405, "an unsupported method: {}", response.summary());
                assert!(response.header("allow").is_some(), "no Allow: {}", response.summary());
            }
        }
    }

    /// The path item of a path. A name in braces matches any segment; literal paths come first.
    fn item(&self, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?;
        paths
            .get(path)
            .or_else(|| paths.iter().find(|(template, _)| matches(template, path)).map(|(_, it)| it))
    }

    fn check_response(&self, response: &Response, operation: &Value) {
        let expected = &operation["responses"][response.status().to_string()];
        assert!(expected.is_object(), "an undocumented status: {}", response.summary());
        self.check_headers(response, &expected["headers"]);
        let Some(content) = expected["content"].as_object() else {
            assert!(response.bytes().is_empty(), "an undocumented body: {}", response.summary());
            return;
        };
        let media =
            response.media_type().unwrap_or_else(|| panic!("no Content-Type: {}", response.summary()));
        let described = content.get(media).or_else(|| content.get("*/*"));
        let described = described.unwrap_or_else(|| panic!("an undocumented type: {}", response.summary()));
        if response.method() == "HEAD" {
            return;
        }
        if media.ends_with("json") && media != "application/x-ndjson" {
            self.check_body(response, &described["schema"]);
        }
        if path_of(response).starts_with("/oauth/") && response.status() >= 400 {
            let known = described["examples"].get(response.string("error")).is_some();
            assert!(known, "an undocumented error of this operation: {}", response.summary());
        }
        if media == PROBLEM_JSON {
            let known = described["examples"].get(response.code()).is_some();
            assert!(known, "an undocumented code of this operation: {}", response.summary());
        }
    }

    /// Checks that all required headers are present and valid, and that there are no undocumented ones.
    fn check_headers(&self, response: &Response, documented: &Value) {
        let documented = documented.as_object().expect("every response documents its headers");
        for (name, described) in documented {
            let described = self.resolved(described);
            match response.header(name) {
                Some(value) => {
                    let is_integer = described["schema"]["type"] == "integer";
                    let value =
                        value.parse::<u64>().ok().filter(|_| is_integer).map_or(value.into(), Value::from);
                    self.check_value(response, name, &value, &described["schema"]);
                }
                // The last page has no `Link` to a next one.
                None if name == "Link" && response.method() == "GET" => {
                    assert_eq!(response.json()["has_more"], false, "no Link: {}", response.summary());
                }
                None => assert_ne!(described["required"], true, "no {name}: {}", response.summary()),
            }
        }
        for name in response.header_names().filter(|name| !is_general_header(name, response)) {
            let known = documented.keys().any(|known| known.eq_ignore_ascii_case(name));
            assert!(known, "an undocumented header, {name}: {}", response.summary());
        }
    }

    /// The value itself, or the target if it is a `$ref`.
    #[must_use]
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.map_or(value, |pointer| {
            self.document.pointer(pointer).expect("the target of a reference exists")
        })
    }

    fn check_problem(&self, response: &Response) {
        assert_eq!(response.media_type(), Some(PROBLEM_JSON), "{}", response.summary());
        if response.method() == "HEAD" {
            assert!(response.bytes().is_empty(), "{}", response.summary());
            return;
        }
        self.check_body(response, &serde_json::json!({ "$ref": "#/components/schemas/Problem" }));
        let problem = response.json();
        assert_eq!(problem["status"], response.status(), "{}", response.summary());
        assert_eq!(problem["request_id"].as_str(), response.header("x-request-id"), "{}", response.summary());
        assert_eq!(problem["instance"].as_str(), response.path().split('?').next(), "{}", response.summary());
        if response.status() == 401 {
            let challenge = response.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer"), "{}", response.summary());
        }
    }

    /// RFC 6749, section 5.2.
    fn check_oauth_error(&self, response: &Response) {
        assert_eq!(response.media_type(), Some("application/json"), "{}", response.summary());
        for (name, value) in [("cache-control", "no-store"), ("pragma", "no-cache")] {
            assert_eq!(response.header(name), Some(value), "{}", response.summary());
        }
        if response.method() != "HEAD" {
            self.check_body(response, &serde_json::json!({ "$ref": "#/components/schemas/OAuthError" }));
        }
        if [401, 403].contains(&response.status()) {
            assert!(response.header("www-authenticate").is_some(), "{}", response.summary());
        }
    }

    fn check_body(&self, response: &Response, schema: &Value) {
        self.check_value(response, "body", &response.json(), schema);
    }

    fn check_value(&self, response: &Response, part: &str, value: &Value, schema: &Value) {
        let errors = self.schema_errors(value, schema);
        assert!(errors.is_empty(), "{part} does not match its schema: {errors:#?}\n{}", response.summary());
    }

    /// The errors of a value under a schema of the document.
    #[must_use]
    pub fn schema_errors(&self, value: &Value, schema: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut known = self.validators.lock().unwrap();
        let entry = known.entry(schema.to_string()).or_insert_with(|| {
            let schema = schema::standalone(schema, &self.document["components"]);
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&schema).expect("the document's schemas are valid"))
        });
        Arc::clone(entry)
    }
}

fn path_of(response: &Response) -> &str {
    response.path().split('?').next().unwrap_or_default()
}

/// Whether a header belongs to HTTP itself or to CORS. The document does not list these for each operation.
fn is_general_header(name: &str, response: &Response) -> bool {
    let varies_by_origin = |vary: &str| vary.to_lowercase().contains("origin");
    ["connection", "content-length", "content-type", "date", "transfer-encoding"].contains(&name)
        || name.starts_with("access-control-")
        || name == "vary" && response.header(name).is_some_and(varies_by_origin)
}

fn check_common_headers(response: &Response) {
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{}", response.summary());
    assert!(response.header("cache-control").is_some(), "no Cache-Control: {}", response.summary());
    let id = response.header("x-request-id").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    assert!((1..=128).contains(&id.len()) && id.bytes().all(plain), "{}", response.summary());
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    // The path of an issuer may have several segments.
    let fits = match template.last() {
        Some(&"{issuer_path}") => path.len() >= template.len(),
        _ => path.len() == template.len(),
    };
    fits && template
        .iter()
        .zip(&path)
        .all(|(known, given)| known == given || known.starts_with('{') && !given.is_empty())
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contract(…)")
    }
}
