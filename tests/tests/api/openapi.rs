//! `/openapi.json` and `/docs`.

use roster_tests::{Server, Setup};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OPERATIONS: &[&str] = &[
    "GET /",
    "DELETE /service-accounts/{id}",
    "DELETE /service-accounts/{id}/keys/{key_id}",
    "DELETE /users/{id}",
    "DELETE /users/{id}/sessions",
    "DELETE /users/{id}/sessions/{sid}",
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/oauth-authorization-server/{issuer_path}",
    "GET /audit",
    "GET /docs",
    "GET /docs/{asset}",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "DELETE /jobs/{id}",
    "GET /jobs/{id}",
    "GET /jobs/{id}/report",
    "GET /metrics",
    "GET /openapi.json",
    "GET /service-accounts",
    "GET /service-accounts/{id}",
    "GET /service-accounts/{id}/keys",
    "GET /service-accounts/{id}/keys/{key_id}",
    "GET /users",
    "GET /users/export",
    "GET /users/{id}",
    "GET /users/{id}/sessions",
    "PATCH /service-accounts/{id}",
    "PATCH /users/{id}",
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/refresh",
    "POST /oauth/introspect",
    "POST /oauth/revoke",
    "POST /oauth/token",
    "POST /service-accounts",
    "POST /service-accounts/{id}/keys",
    "POST /service-accounts/{id}/keys/{key_id}/rotate",
    "POST /users",
    "POST /users/import",
    "POST /users/{id}/unlock",
    "PUT /users/{id}",
    "PUT /users/{id}/password",
];

#[test]
fn the_document_describes_exactly_the_served_operations() {
    let server = Server::start();
    let found: BTreeSet<_> =
        server.contract().operations().map(|(path, method, _)| format!("{method} {path}")).collect();
    assert_eq!(found, OPERATIONS.iter().map(|operation| (*operation).to_owned()).collect());
}

#[test]
fn the_root_links_to_the_document_the_docs_page_and_the_health_check() {
    let server = Server::start();
    let front = server.get("/").send().must_be(200).json();
    assert_eq!(front["name"], "roster");
    for link in ["docs", "openapi", "health"] {
        server.get(front[link].as_str().unwrap()).send().must_be(200);
    }
}

#[test]
fn the_root_uses_the_configured_public_url() {
    let server = Setup::new().set("server.public_url", "https://id.example.org/roster/").start();
    let front = server.get("/").send().must_be(200).json();
    assert_eq!(front["docs"], "https://id.example.org/roster/docs");
}

#[test]
fn every_operation_has_a_summary_description_id_tag_and_error_responses() {
    let server = Server::start();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in server.contract().operations() {
        for field in ["summary", "description", "operationId"] {
            assert!(
                operation[field].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}: {field}"
            );
        }
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{method} {path}");
        assert!(statuses.contains(&"500".to_owned()), "{method} {path}: {statuses:?}");
    }
}

#[test]
fn every_operation_documents_who_may_call_it() {
    let server = Server::start();
    for (path, method, operation) in server.contract().operations() {
        let secured = operation["security"].as_array().is_some_and(|one| !one.is_empty());
        let expected =
            ["/users", "/jobs", "/service-accounts", "/audit", "/auth/logout", "/oauth/introspect"]
                .iter()
                .any(|start| path.starts_with(start));
        assert!(secured == expected || path == "/metrics", "{method} {path}: {}", operation["security"]);
        let statuses = operation["responses"].as_object().unwrap();
        assert_eq!(
            expected
                || ["/metrics", "/auth/login", "/auth/refresh", "/oauth/token", "/oauth/revoke"]
                    .contains(&path),
            statuses.contains_key("401"),
            "{method} {path}"
        );
    }
}

#[test]
fn every_body_has_an_example_that_matches_its_schema() {
    let server = Server::start();
    let contract = server.contract();
    for (path, method, operation) in contract.operations() {
        let responses = operation["responses"].as_object().unwrap().values();
        for (media, content) in responses.chain([&operation["requestBody"]]).flat_map(bodies) {
            // HTML pages and images have no examples.
            if !media.ends_with("json") && !media.ends_with("form-urlencoded") {
                continue;
            }
            let examples = examples(content, contract.resolved(&content["schema"]));
            assert!(!examples.is_empty(), "{method} {path} {media}");
            for example in examples {
                let errors = contract.schema_errors(example, &content["schema"]);
                assert!(errors.is_empty(), "{method} {path} {media}: {errors:#?} {example}");
            }
        }
    }
}

/// The bodies of a request or a response, by media type.
fn bodies(holder: &Value) -> impl Iterator<Item = (&String, &Value)> {
    holder["content"].as_object().into_iter().flatten()
}

fn examples<'a>(content: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let named = content["examples"].as_object().into_iter().flatten().map(|(_, one)| &one["value"]);
    named.chain(schema.get("example")).collect()
}

#[test]
fn every_property_example_matches_its_schema() {
    let server = Server::start();
    let contract = server.contract();
    for (name, schema) in contract.document()["components"]["schemas"].as_object().unwrap() {
        for (field, part) in schema["properties"].as_object().into_iter().flatten() {
            let errors =
                part.get("example").map(|example| contract.schema_errors(example, part)).unwrap_or_default();
            assert!(errors.is_empty(), "{name}.{field}: {errors:#?}");
        }
    }
}

#[test]
fn the_example_form_on_the_docs_page_is_accepted_by_the_server() {
    let server = Server::start();
    let ada = json!({ "username": "ada", "password": "correct horse battery staple" });
    server.post("/users").json(ada).send().must_be(201);
    let contract = server.contract();
    for (path, _, operation) in contract.operations() {
        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        let Some(fields) = contract.resolved(form)["properties"].as_object() else { continue };
        let pairs = fields.iter().map(|(name, part)| format!("{name}={}", part["example"].as_str().unwrap()));
        let response = server.post(path).form(&pairs.collect::<Vec<_>>().join("&").replace(' ', "+")).send();
        // Introspection requires authentication.
        let expected = if path == "/oauth/introspect" { 401 } else { 200 };
        assert_eq!(response.status(), expected, "{}", response.summary());
    }
}

#[test]
fn optional_parameters_are_not_prefilled_on_the_docs_page() {
    let server = Server::start();
    let contract = server.contract();
    for (path, method, operation) in contract.operations() {
        let shared = &contract.document()["paths"][path]["parameters"];
        let all = [shared, &operation["parameters"]].into_iter().filter_map(Value::as_array).flatten();
        for parameter in all.map(|parameter| contract.resolved(parameter)) {
            let filled_in = parameter.get("example").or_else(|| parameter["schema"].get("example"));
            assert!(parameter["required"] == true || filled_in.is_none(), "{method} {path}: {parameter}");
        }
    }
}

#[test]
fn every_operation_documents_the_request_id_header() {
    let server = Server::start();
    let (contract, mut count) = (server.contract(), 0);
    for (path, item) in contract.document()["paths"].as_object().unwrap() {
        let parameters = item["parameters"].as_array().into_iter().flatten();
        let names: Vec<_> = parameters.map(|one| &contract.resolved(one)["name"]).collect();
        assert_eq!(names, ["X-Request-Id"], "{path}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn field_rules_are_in_the_schemas() {
    let server = Server::start();
    let schemas = &server.contract().document()["components"]["schemas"];
    let new = &schemas["NewUser"]["properties"];
    assert_eq!(schemas["NewUser"]["required"].as_array().map(Vec::len), Some(2));
    assert_eq!(schemas["NewUser"]["additionalProperties"], false);
    assert!(new["username"]["maxLength"].is_u64() && new["username"]["pattern"].is_string());
    assert_eq!(new["password"]["minLength"], 8);
    assert_eq!((&new["email"]["format"], &new["email"]["maxLength"]), (&"idn-email".into(), &254.into()));
    assert_eq!(schemas["User"]["properties"]["email"]["nullable"], true);
    assert_eq!(schemas["User"]["required"].as_array().map(Vec::len), Some(15));
    assert!(schemas["Problem"]["properties"]["code"]["enum"].as_array().unwrap().len() > 20);
}

#[test]
fn the_docs_page_loads_everything_from_the_server() {
    let server = Server::start();
    let page = server.get("/docs").send().must_be(200);
    assert_eq!(page.media_type(), Some("text/html"));
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"), "{text}");
    let loaded: Vec<_> =
        text.split('"').filter(|part| part.starts_with("/docs/") || part.starts_with("docs/")).collect();
    assert!(loaded.len() >= 3, "{loaded:?}");
    for path in loaded {
        let asset = server.get(&format!("/{}", path.trim_start_matches('/'))).send().must_be(200);
        assert!(!asset.bytes().is_empty());
        let packed =
            server.get(&format!("/{}", path.trim_start_matches('/'))).header("Accept-Encoding", "gzip");
        let packed = packed.send().must_be(200);
        assert!(packed.bytes().len() <= asset.bytes().len(), "{path}");
    }
    let bundle = server.get("/docs/swagger-ui-bundle.js").send().must_be(200);
    assert_eq!(bundle.media_type(), Some("text/javascript"));
    assert!(bundle.text().contains("SwaggerUI"), "uncompressed without Accept-Encoding");
}

#[test]
fn an_unknown_query_parameter_is_rejected_before_any_effect() {
    let server = Server::start();
    let admin = server.admin();
    for (path, method, operation) in server.contract().operations() {
        let id = "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";
        let path = path.replace("{id}", id).replace("{key_id}", id).replace("{sid}", id);
        let path_with_parameter = format!("{}?_=1", path.replace("{asset}", "docs.js"));
        let request = server.request(&method, &path_with_parameter).by(&admin);
        let request = if operation["requestBody"].is_object() && !path.starts_with("/oauth/") {
            request.json(json!({}))
        } else {
            request
        };
        let response = request.send();
        let ignores = ["/health", "/metrics", "/docs", "/openapi.json", "/.well-known/", "/oauth/"];
        if path == "/" || ignores.iter().any(|start| path.starts_with(start)) {
            assert_ne!(response.status(), 400, "{}", response.summary());
        } else {
            let response = response.must_be_problem(400, "unknown_parameter");
            assert_eq!(
                response.errors()[0],
                ("_".to_owned(), "unknown_parameter".to_owned()),
                "{path_with_parameter}"
            );
        }
    }
    let nothing = server.get("/users/me?fields=id").by(&admin).send().must_be(400);
    assert_eq!(nothing.json()["errors"][0]["message"], "this operation has no query parameters");
}
