use crate::code::Code;
use crate::document::openapi_document;
use roster_domain::Permission;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_slice(&openapi_document()).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(String, String, Map<String, Value>)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(operation) =
                operation.as_object().filter(|operation| operation.contains_key("responses"))
            {
                all.push((path.clone(), method.clone(), operation.clone()));
            }
        }
    }
    all
}

#[test]
fn every_operation_is_fully_described() {
    let document = document();
    let all = operations(&document);
    assert!(all.len() >= 15, "{}", all.len());
    let mut names = BTreeSet::new();
    for (path, method, operation) in all {
        for member in ["operationId", "summary", "description"] {
            assert!(
                operation[member].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path} {member}"
            );
        }
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1);
        assert!(names.insert(operation["operationId"].to_string()), "{path}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            for header in ["X-Request-Id", "X-Content-Type-Options", "Cache-Control"] {
                assert!(response["headers"][header].is_object(), "{method} {path} {status} {header}");
            }
            assert!(!response["description"].as_str().unwrap().is_empty(), "{method} {path} {status}");
            // OAuth clients expect errors of RFC 6749.
            let media = if path.starts_with("/oauth/") { "json" } else { "problem+json" };
            let message = &response["content"][format!("application/{media}")]["schema"]["$ref"];
            let problem =
                message.as_str().filter(|message| message.ends_with("Problem") || message.ends_with("Error"));
            assert_eq!(problem.is_some(), status.parse::<u16>().unwrap() >= 400, "{method} {path} {status}");
        }
    }
}

#[test]
fn every_code_of_an_operation_is_in_the_table() {
    let document = document();
    let listed =
        document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap();
    assert_eq!(listed.len(), Code::ALL.len());
    for (path, _, operation) in operations(&document) {
        for response in operation["responses"].as_object().unwrap().values() {
            let examples = response.pointer("/content/application~1problem+json/examples");
            for code in examples.and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                assert!(listed.iter().any(|known| known == code), "{path} {code}");
            }
        }
    }
}

#[test]
fn references_resolve_and_no_hidden_schema_remains() {
    let text = String::from_utf8(openapi_document().to_vec()).unwrap();
    assert!(!text.contains("x-schema") && !text.contains("#/definitions/"));
    let document = document();
    for (_, rest) in text.match_indices("\"#/components/").map(|(at, _)| (at, &text[at + 2..])) {
        let pointer = rest.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn schemas_have_the_rules_of_the_domain() {
    let document = document();
    let fields = &document["components"]["schemas"]["NewUser"]["properties"];
    assert_eq!(fields["username"]["maxLength"], roster_domain::Username::MAX_LEN);
    assert_eq!(fields["email"]["format"], "idn-email");
    assert_eq!(fields["email"]["nullable"], true);
    assert_eq!(
        document["components"]["schemas"]["NewUser"]["required"],
        serde_json::json!(["password", "username"])
    );
    assert_eq!(document["components"]["schemas"]["NewUser"]["additionalProperties"], false);
    let user = &document["components"]["schemas"]["User"];
    assert_eq!(user["required"].as_array().unwrap().len(), user["properties"].as_object().unwrap().len());
}

#[test]
fn operations_that_require_a_token_document_it() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let open = path == "/"
            || path.starts_with("/health")
            || path.starts_with("/docs")
            || path == "/openapi.json"
            || path == "/auth/login"
            || path == "/auth/refresh"
            || path == "/oauth/token"
            || path == "/oauth/revoke"
            || path.starts_with("/.well-known/");
        assert_eq!(operation.contains_key("security"), !open, "{method} {path}");
        if !open {
            assert!(operation["responses"]["401"].is_object(), "{method} {path}");
        }
    }
}

#[test]
fn operations_that_a_setting_can_open_document_an_optional_token() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let either = operation.get("security").is_some_and(|needed| needed[0] == serde_json::json!({}));
        let expected = ["get /metrics", "post /users"].contains(&&*format!("{method} {path}"));
        assert_eq!(either, expected, "{method} {path}");
    }
}

#[test]
fn scopes_and_permissions_are_the_same() {
    let document = document();
    let scopes = &document["components"]["securitySchemes"]["oauth2"]["flows"]["password"]["scopes"];
    let scopes: BTreeSet<_> = scopes.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(scopes, Permission::ALL.map(Permission::as_str).into());
    for (path, method, operation) in operations(&document) {
        let needed = operation.get("security").and_then(Value::as_array).into_iter().flatten();
        for scope in needed.flat_map(|one| one["oauth2"].as_array().into_iter().flatten()) {
            assert!(scopes.contains(scope.as_str().unwrap()), "{method} {path} {scope}");
        }
    }
}

#[test]
fn every_operation_rejects_unknown_parameters() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        // Clients of probes and pages add parameters to bypass caches; OAuth has a rule of its own (RFC 6749, section
        // 3.2).
        let open = path == "/"
            || ["/health", "/metrics", "/docs", "/openapi.json", "/.well-known/", "/oauth/"]
                .iter()
                .any(|start| path.starts_with(start));
        let rejected = "/responses/400/content/application~1problem+json/examples/unknown_parameter";
        let rejected = Value::Object(operation).pointer(rejected).is_some();
        assert_eq!(rejected, !open, "{method} {path}");
    }
}

/// Whether `path` is one that the pattern `documented` matches, segment by segment.
fn matches(documented: &str, path: &str) -> bool {
    let (documented, path): (Vec<_>, Vec<_>) = (documented.split('/').collect(), path.split('/').collect());
    let same = |(pattern, segment): (&&str, &&str)| pattern.starts_with('{') || pattern == segment;
    documented.len() == path.len() && documented.iter().zip(&path).all(same)
}

#[test]
fn the_paths_in_examples_are_paths_of_the_api() {
    let document = document();
    let all = operations(&document);
    for (path, method, operation) in &all {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let examples = response.pointer("/content/application~1problem+json/examples");
            for example in examples.and_then(Value::as_object).into_iter().flat_map(Map::values) {
                let instance = example["value"]["instance"].as_str().unwrap();
                assert!(matches(path, instance), "{method} {path} {status} {instance}");
            }
            let location = response.pointer("/headers/Location/schema/example").and_then(Value::as_str);
            if let Some(location) = location {
                let is_readable =
                    |(path, method, _): &(String, String, _)| method == "get" && matches(path, location);
                assert!(all.iter().any(is_readable), "{method} {path} {location}");
            }
        }
    }
}
