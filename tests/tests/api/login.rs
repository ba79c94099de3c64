//! `POST /auth/login`.

use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};

#[test]
fn a_user_logs_in_by_username_or_email_in_any_case() {
    let server = Server::start();
    let id = server.register("Ada").id;
    for login in ["Ada", "ada", "ADA", "Ada@example.org", "ADA@EXAMPLE.ORG"] {
        assert_eq!(server.log_in(login, PASSWORD).id, id, "{login}");
    }
}

#[test]
fn username_and_email_are_aliases_of_login() {
    let server = Server::start();
    let _ = server.register_only("ada");
    for (field, value) in [("login", "ada"), ("username", "ada"), ("email", "ada@example.org")] {
        let body = json!({ field: value, "password": PASSWORD });
        server.post("/auth/login").json(body).send().must_be(200);
    }
    for body in
        [json!({ "password": PASSWORD }), json!({ "login": "a", "email": "b@x.org", "password": "p" })]
    {
        server.post("/auth/login").json(body).send().must_be_problem(400, "validation_failed");
    }
}

#[test]
fn a_login_response_has_tokens_and_the_user_and_is_not_cacheable() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let response = server.try_log_in("ada", PASSWORD).must_be(200);
    let login = response.json();
    assert_eq!((&login["token_type"], &login["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(login["user"]["username"], "ada");
    assert_eq!(login["access_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(login["refresh_token"].as_str().unwrap().starts_with("rt_"));
    assert_eq!(login.as_object().unwrap().len(), 5, "{login}");
}

#[test]
fn the_oauth_password_form_logs_in() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let password = PASSWORD.replace(' ', "+");
    for form in [
        format!("grant_type=password&username=ada&password={password}"),
        format!("username=ada%40example.org&password={password}&scope=&client_id=x&client_secret="),
        // The docs page of FastAPI sends this form.
        format!("grant_type=&username=ada&password={password}&scope=&client_id=&client_secret="),
        format!("username=&username=ada&password={password}&password="),
    ] {
        let login = server.post("/auth/login").form(&form).send().must_be(200).json();
        assert_eq!(login["user"]["username"], "ada");
    }
    let other = format!("grant_type=client_credentials&username=ada&password={password}");
    server.post("/auth/login").form(&other).send().must_be(400);
    server.post("/auth/login").form("username=ada").send().must_be(400);
    for empty in ["username=ada&password=", "username=&password=x"] {
        let errors =
            server.post("/auth/login").form(empty).send().must_be_problem(400, "validation_failed").errors();
        assert_eq!(errors[0].1, "field_missing", "{empty}");
    }
}

#[test]
fn json_with_the_type_of_a_form_is_told_its_content_type() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let body = json!({ "login": "ada", "password": PASSWORD }).to_string();
    let refused = server.post("/auth/login").form(&body).send();
    let detail = refused.must_be_problem(415, "media_type_unsupported").string("detail");
    assert!(detail.contains("`Content-Type: application/json`"), "{detail}");
}

#[test]
fn a_wrong_password_and_an_unknown_username_get_the_same_response() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let body = |login: &str, password: &str| {
        let response = server.try_log_in(login, password).must_be_problem(401, "credentials_invalid");
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        let mut body = response.json();
        body["request_id"] = Value::Null;
        body
    };
    let expected = body("ada", "not this one");
    let long = "x".repeat(2_000);
    for (login, password) in [
        ("nobody", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("ada", ""),
        ("ada", "short"),
        ("ada", long.as_str()),
        ("", PASSWORD),
        (long.as_str(), PASSWORD),
        ("ada\u{0}", PASSWORD),
        ("no such name at all", PASSWORD),
    ] {
        assert_eq!(body(login, password), expected, "{login:?} {password:?}");
    }
}

#[test]
fn the_account_status_is_only_revealed_after_the_correct_password() {
    let server = Server::start();
    let admin = server.admin();
    for (status, code) in [("disabled", "account_disabled"), ("pending", "account_pending")] {
        let person = json!({ "username": status, "password": PASSWORD, "status": status });
        server.post("/users").by(&admin).json(person).send().must_be(201);
        server.try_log_in(status, PASSWORD).must_be_problem(403, code);
        server.try_log_in(status, "not this one").must_be_problem(401, "credentials_invalid");
    }
}

#[test]
fn a_login_is_recorded_without_changing_the_version() {
    let server = Server::start();
    let before = server.register_only("ada");
    assert_eq!(before["last_login_at"], Value::Null);
    let ada = server.log_in("ada", PASSWORD);
    let after = server.get("/users/me").by(&ada).send().must_be(200);
    assert!(after.json()["last_login_at"].is_string());
    assert_eq!(after.json()["version"], before["version"]);
    assert_eq!(after.json()["updated_at"], before["updated_at"]);
    assert_eq!(after.etag_version(), 1);
}

#[test]
fn an_invalid_utf8_or_duplicate_form_field_is_a_400() {
    let server = Server::start();
    let post = |form: &str| server.post("/auth/login").form(form).send();
    post("username=ada&password=%ff").must_be_problem(400, "request_malformed");
    for form in ["username=ada&username=ada&password=x", "username=ada&password=x&password=x"] {
        assert_eq!(post(form).must_be_problem(400, "validation_failed").errors()[0].1, "field_twice");
    }
    post("username=ada&password=x&scope=a&scope=b").must_be_problem(401, "credentials_invalid");
}

#[test]
fn an_invalid_token_does_not_prevent_a_login() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let body = json!({ "login": "ada", "password": PASSWORD });
    server.post("/auth/login").bearer("nonsense").json(body).send().must_be(200);
}

#[test]
fn passwords_are_compared_in_normalised_unicode() {
    let server = Server::start();
    let (composed, decomposed) = ("caf\u{e9} au lait 7", "cafe\u{301} au lait 7");
    let body = json!({ "username": "ada", "password": decomposed });
    server.post("/users").json(body).send().must_be(201);
    let _ = server.log_in("ada", composed);
    server.try_log_in("ada", "cafe au lait 7").must_be(401);
}
