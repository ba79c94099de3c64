//! The OpenAPI document, which every answer is held against.

use crate::answer::Answer;
use crate::schema;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use ureq::Agent;

const PROBLEM_JSON: &str = "application/problem+json";

/// The server's own OpenAPI document.
pub struct Contract {
    document: Value,
    /// Compiled schemas, by their text.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// The document of the binary under test, fetched from the first server that is up.
    pub(crate) fn of(agent: &Agent, base: &str) -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let mut answer = agent.get(format!("{base}/openapi.json")).call().expect("the server answers");
            let text = answer.body_mut().read_to_string().unwrap();
            let document = serde_json::from_str(&text).expect("/openapi.json is JSON");
            Self { document, validators: Mutex::default() }
        })
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation: path, method in upper case, description.
    pub fn operations(&self) -> impl Iterator<Item = (&str, String, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let methods =
                item.as_object().into_iter().flatten().filter(|(_, it)| it.get("responses").is_some());
            methods.map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
        })
    }

    /// Checks an answer: what every answer owes, and what its operation promises.
    pub(crate) fn check(&self, answer: &Answer) {
        assert_ne!(answer.status(), 500, "{}", answer.summary());
        check_common_headers(answer);
        let path = path_of(answer);
        if answer.status() >= 400 && path.starts_with("/oauth/") {
            self.check_oauth_error(answer);
        } else if answer.status() >= 400 {
            self.check_problem(answer);
        }
        let method = if answer.method() == "HEAD" { "GET" } else { answer.method() };
        let Some(item) = self.item(path) else {
            assert_eq!(answer.status(), 404, "an unknown path: {}", answer.summary());
            return;
        };
        match item.get(method.to_lowercase()) {
            Some(operation) => self.check_response(answer, operation),
            None if method == "OPTIONS" => {
                let refused = answer.status() == 403 && answer.code() == "preflight_refused";
                assert!(answer.status() < 300 || refused, "{}", answer.summary());
            }
            None => {
                assert_eq!(answer.status(), 405, "a method that there is not: {}", answer.summary());
                assert!(answer.header("allow").is_some(), "no Allow: {}", answer.summary());
            }
        }
    }

    /// What stands at a path; a name in braces matches any segment, a literal goes first.
    fn item(&self, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?;
        paths
            .get(path)
            .or_else(|| paths.iter().find(|(template, _)| matches(template, path)).map(|(_, it)| it))
    }

    fn check_response(&self, answer: &Answer, operation: &Value) {
        let response = &operation["responses"][answer.status().to_string()];
        assert!(response.is_object(), "an undocumented status: {}", answer.summary());
        self.check_headers(answer, &response["headers"]);
        let Some(content) = response["content"].as_object() else {
            assert!(answer.bytes().is_empty(), "an undocumented body: {}", answer.summary());
            return;
        };
        let media = answer.media_type().unwrap_or_else(|| panic!("no Content-Type: {}", answer.summary()));
        let described = content.get(media).or_else(|| content.get("*/*"));
        let described = described.unwrap_or_else(|| panic!("an undocumented type: {}", answer.summary()));
        if answer.method() == "HEAD" {
            return;
        }
        if media.ends_with("json") {
            self.check_body(answer, &described["schema"]);
        }
        if path_of(answer).starts_with("/oauth/") && answer.status() >= 400 {
            let known = described["examples"].get(answer.text_of("error")).is_some();
            assert!(known, "a word that this operation does not list: {}", answer.summary());
        }
        if media == PROBLEM_JSON {
            let known = described["examples"].get(answer.code()).is_some();
            assert!(known, "a code that this operation does not list: {}", answer.summary());
        }
    }

    /// Every header that is documented is there and says what it may, and no other is there.
    fn check_headers(&self, answer: &Answer, documented: &Value) {
        let documented = documented.as_object().expect("every answer has headers");
        for (name, described) in documented {
            let described = self.resolved(described);
            match answer.header(name) {
                Some(value) => {
                    let of_number = described["schema"]["type"] == "integer";
                    let value =
                        value.parse::<u64>().ok().filter(|_| of_number).map_or(value.into(), Value::from);
                    self.check_value(answer, name, &value, &described["schema"]);
                }
                // The last page links to no next one.
                None if name == "Link" && answer.method() == "GET" => {
                    assert_eq!(answer.json()["has_more"], false, "no Link: {}", answer.summary());
                }
                None => assert_ne!(described["required"], true, "no {name}: {}", answer.summary()),
            }
        }
        for name in answer.header_names().filter(|name| !is_of_the_frame(name, answer)) {
            let known = documented.keys().any(|known| known.eq_ignore_ascii_case(name));
            assert!(known, "an undocumented header, {name}: {}", answer.summary());
        }
    }

    /// What a reference leads to, or what is no reference.
    #[must_use]
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.map_or(value, |pointer| self.document.pointer(pointer).expect("a reference leads somewhere"))
    }

    fn check_problem(&self, answer: &Answer) {
        assert_eq!(answer.media_type(), Some(PROBLEM_JSON), "{}", answer.summary());
        if answer.method() == "HEAD" {
            assert!(answer.bytes().is_empty(), "{}", answer.summary());
            return;
        }
        self.check_body(answer, &serde_json::json!({ "$ref": "#/components/schemas/Problem" }));
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status(), "{}", answer.summary());
        assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"), "{}", answer.summary());
        assert_eq!(problem["instance"].as_str(), answer.path().split('?').next(), "{}", answer.summary());
        if answer.status() == 401 {
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer"), "{}", answer.summary());
        }
    }

    /// RFC 6749, section 5.2.
    fn check_oauth_error(&self, answer: &Answer) {
        assert_eq!(answer.media_type(), Some("application/json"), "{}", answer.summary());
        for (name, value) in [("cache-control", "no-store"), ("pragma", "no-cache")] {
            assert_eq!(answer.header(name), Some(value), "{}", answer.summary());
        }
        if answer.method() != "HEAD" {
            self.check_body(answer, &serde_json::json!({ "$ref": "#/components/schemas/OAuthError" }));
        }
        if [401, 403].contains(&answer.status()) {
            assert!(answer.header("www-authenticate").is_some(), "{}", answer.summary());
        }
    }

    fn check_body(&self, answer: &Answer, schema: &Value) {
        self.check_value(answer, "body", &answer.json(), schema);
    }

    fn check_value(&self, answer: &Answer, part: &str, value: &Value, schema: &Value) {
        let faults = self.faults(value, schema);
        assert!(faults.is_empty(), "{part} not as the document says: {faults:#?}\n{}", answer.summary());
    }

    /// In what a value is not as a schema of the document says.
    #[must_use]
    pub fn faults(&self, value: &Value, schema: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut known = self.validators.lock().unwrap();
        let entry = known.entry(schema.to_string()).or_insert_with(|| {
            let schema = schema::standalone(schema, &self.document["components"]);
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&schema).expect("the document's schemas are schemas"))
        });
        Arc::clone(entry)
    }
}

fn path_of(answer: &Answer) -> &str {
    answer.path().split('?').next().unwrap_or_default()
}

/// Whether a header is about the message or, as the document's introduction says, about the page that calls.
fn is_of_the_frame(name: &str, answer: &Answer) -> bool {
    let of_cors = |vary: &str| vary.to_lowercase().contains("origin");
    ["connection", "content-length", "content-type", "date", "transfer-encoding"].contains(&name)
        || name.starts_with("access-control-")
        || name == "vary" && answer.header(name).is_some_and(of_cors)
}

fn check_common_headers(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.summary());
    assert!(answer.header("cache-control").is_some(), "no Cache-Control: {}", answer.summary());
    let id = answer.header("x-request-id").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    assert!((1..=128).contains(&id.len()) && id.bytes().all(plain), "{}", answer.summary());
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    // The path of an issuer may have several segments, and the document says so.
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
