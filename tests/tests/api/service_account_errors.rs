//! What API keys may not do, and what is invalid for service accounts.

use crate::minting::claims;
use crate::service_accounts::{create_account, create_key, post_account};
use roster_tests::{PASSWORD, Server, Setup};
use serde_json::{Value, json};

const CHALLENGE: &str = "Bearer error=\"invalid_token\"";

#[test]
fn an_unusable_key_is_an_invalid_token() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let ((one, _), (two, _)) = (create_key(&server, &admin, &path), create_key(&server, &admin, &path));
    for shown in [
        format!("{}{}", &one[..16], &two[16..]),
        one[..one.len() - 1].to_owned(),
        format!("{one}x"),
        one.to_uppercase(),
        format!("rk_{}", admin.token),
        "rk_".to_owned(),
        format!("rk_{}", "a".repeat(9_000)),
    ] {
        let response = server.get("/users").bearer(&shown).send().must_be_problem(401, "invalid_token");
        assert_eq!(response.header("www-authenticate"), Some(CHALLENGE), "{shown}");
    }
    server.get("/users").bearer(&one).send().must_be(200);
}

#[test]
fn a_service_account_has_no_profile_session_or_password() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read", "users:update", "users:delete"]);
    let (secret, _) = create_key(&server, &admin, &path);
    let password = json!({ "current_password": secret, "password": PASSWORD });
    for request in [
        server.get("/users/me"),
        server.patch("/users/me").merge_patch(json!({ "display_name": "I" })),
        server.delete("/users/me"),
        server.put("/users/me/password").json(password),
        server.get("/users/me/sessions"),
        server.delete("/users/me/sessions"),
        server.post("/auth/logout"),
        server.post("/auth/logout").json(json!({ "all": true })),
    ] {
        let response = request.bearer(&secret).send().must_be_problem(403, "permission_denied");
        assert!(response.string("detail").contains("a service account has no"), "{}", response.summary());
    }
    let id = path.rsplit('/').next().unwrap();
    server.get(&format!("/users/{id}")).bearer(&secret).send().must_be_problem(404, "user_not_found");
    server.try_log_in("backup", &secret).must_be_problem(401, "credentials_invalid");
}

#[test]
fn a_service_account_cannot_reset_the_password_of_a_more_privileged_user() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "helpdesk", &["users:update"]);
    let (secret, _) = create_key(&server, &admin, &path);
    let body = json!({ "password": PASSWORD });
    let reset =
        |target: &str| server.put(&format!("{target}/password")).bearer(&secret).json(body.clone()).send();
    reset(&admin.path()).must_be_problem(403, "permission_denied");
    reset(&server.register("ada").path()).must_be(204);
}

#[test]
fn a_key_stops_working_when_its_creator_loses_the_permissions() {
    let server = Server::start();
    let (admin, creator) = (server.admin(), server.register_admin("creator"));
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = create_key(&server, &creator, &path);
    server.get("/users").bearer(&secret).send().must_be(200);
    let demoted = json!({ "roles": ["user"] });
    server.patch(&creator.path()).by(&admin).merge_patch(demoted).send().must_be(200);
    let response = server.get("/users").bearer(&secret).send().must_be_problem(403, "permission_denied");
    assert!(
        response.string("detail").contains("its account and its creator currently hold"),
        "{}",
        response.summary()
    );
    let shown = server.get(&key_path).by(&admin).send().must_be(200);
    assert_eq!(
        shown.json()["created_by"]["id"],
        creator.id,
        "the creator explains why the key no longer works"
    );
    let rotated = server.post(&format!("{key_path}/rotate")).by(&admin).send().must_be(201);
    server.get("/users").bearer(&rotated.string("key")).send().must_be(200);
}

#[test]
fn creating_rotating_and_revoking_keys_requires_a_recent_login() {
    let server = Setup::new().set("auth.step_up_age", "3s").start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = create_key(&server, &admin, &path);
    let absent = format!("{path}/keys/{}", admin.id);
    roster_tests::wait_for("the login to be too old", || {
        (server.delete(&absent).by(&admin).send().status() == 401).then_some(())
    });
    let (keys, rotation) = (format!("{path}/keys"), format!("{key_path}/rotate"));
    let refreshed = server.refresh(&admin.refresh_token);
    for by in [&admin, &refreshed] {
        for request in [
            server.post(&keys).json(json!({ "name": "another" })),
            server.post(&rotation),
            server.delete(&key_path),
        ] {
            let response = request.by(by).send();
            let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=3";
            assert_eq!(response.header("www-authenticate"), Some(challenge), "{}", response.summary());
            response.must_be_problem(401, "login_too_old");
        }
    }
    server.get("/users").bearer(&secret).send().must_be(200);
    let fresh_login = server.admin();
    server.post(&keys).by(&fresh_login).json(json!({ "name": "another" })).send().must_be(201);
    server.post(&rotation).by(&fresh_login).send().must_be(201);
    server.get("/users").bearer(&secret).send().must_be_problem(401, "invalid_token");
}

#[test]
fn keys_of_disabled_and_deleted_accounts_are_rejected() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (secret, _) = create_key(&server, &admin, &path);
    let status = |status: &str| {
        let body = json!({ "status": status });
        server.patch(&path).by(&admin).merge_patch(body).send().must_be(200);
    };
    status("disabled");
    server.get("/users").bearer(&secret).send().must_be_problem(401, "invalid_token");
    status("active");
    server.get("/users").bearer(&secret).send().must_be(200);
    server.delete(&path).by(&admin).send().must_be(204);
    server.get("/users").bearer(&secret).send().must_be_problem(401, "invalid_token");
}

#[test]
fn a_service_account_cannot_create_keys_or_grant_more_than_it_has() {
    let server = Server::start();
    let admin = server.admin();
    let weak = create_account(&server, &admin, "weak", &["users:read", "service_accounts:manage"]);
    let strong = create_account(&server, &admin, "strong", &["users:delete"]);
    let (secret, _) = create_key(&server, &admin, &weak);
    let (_, strong_key) = create_key(&server, &admin, &strong);
    let named = json!({ "name": "a key" });
    let must_be_denied =
        |response: roster_tests::Response| response.must_be_problem(403, "permission_denied");
    must_be_denied(server.post(&format!("{weak}/keys")).bearer(&secret).json(named).send());
    must_be_denied(server.delete(&strong_key).bearer(&secret).send());
    must_be_denied(server.delete(&strong).bearer(&secret).send());
    let more = json!({ "permissions": ["users:delete"] });
    must_be_denied(server.patch(&weak).bearer(&secret).merge_patch(more).send());
    let more = json!({ "name": "new", "permissions": ["users:delete"] });
    must_be_denied(server.post("/service-accounts").bearer(&secret).json(more).send());
    server.get(&strong).bearer(&secret).send().must_be(200);
}

#[test]
fn a_key_is_not_accessible_through_another_account() {
    let server = Server::start();
    let admin = server.admin();
    let (one, other) =
        (create_account(&server, &admin, "one", &[]), create_account(&server, &admin, "other", &[]));
    let (_, path) = create_key(&server, &admin, &one);
    let wrong_path = path.replace(&one, &other);
    server.get(&wrong_path).by(&admin).send().must_be_problem(404, "api_key_not_found");
    server.delete(&wrong_path).by(&admin).send().must_be_problem(404, "api_key_not_found");
    server.post(&format!("{wrong_path}/rotate")).by(&admin).send().must_be_problem(404, "api_key_not_found");
}

#[test]
fn users_without_the_permission_learn_nothing_about_service_accounts() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let path = create_account(&server, &admin, "backup", &[]);
    let absent = format!("/service-accounts/{}", ada.id);
    for path in [&path, &absent, &"/service-accounts".to_owned(), &format!("{path}/keys")] {
        server.get(path).by(&ada).send().must_be_problem(403, "permission_denied");
        server.get(path).send().must_be_problem(401, "authentication_required");
    }
    post_account(&server, &ada, "mine", &[]).must_be_problem(403, "permission_denied");
}

#[test]
fn an_invalid_body_reports_every_error() {
    let server = Server::start();
    let admin = server.admin();
    let body = json!({ "name": "No Spaces", "description": "", "permissions": ["users:rule"] });
    let response = server.post("/service-accounts").by(&admin).json(body).send();
    let response = response.must_be_problem(400, "validation_failed");
    let errors = response.errors();
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let expected = [
        pair("/description", "text_blank"),
        pair("/name", "name_invalid"),
        pair("/permissions", "permission_unknown"),
    ];
    assert_eq!(errors, expected);
    let message = response.text();
    assert!(
        message.contains("users:rule") && message.contains("users:read"),
        "the message names the unknown permission and the known ones: {message}"
    );
    post_account(&server, &admin, "twice", &[]).must_be(201);
    post_account(&server, &admin, "twice", &[]).must_be_problem(409, "name_taken");
    let path = create_account(&server, &admin, "backup", &[]);
    let keys = format!("{path}/keys");
    let post = |body: Value| server.post(&keys).by(&admin).json(body).send();
    post(json!({})).must_be_problem(400, "validation_failed");
    post(json!({ "name": "k", "permissions": ["users:read"] })).must_be_problem(400, "validation_failed");
    post(json!({ "name": "k", "expires_at": "2020-01-01T00:00:00Z" }))
        .must_be_problem(400, "validation_failed");
    post(json!({ "name": "k", "secret": "mine" })).must_be_problem(400, "unknown_field");
    server.get("/service-accounts/me").by(&admin).send().must_be_problem(400, "id_invalid");
    server.get(&format!("{path}/keys/first")).by(&admin).send().must_be_problem(400, "id_invalid");
}

#[test]
fn the_number_of_keys_is_limited() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &[]);
    for _ in 0..20 {
        create_key(&server, &admin, &path);
    }
    let body = json!({ "name": "one more" });
    server
        .post(&format!("{path}/keys"))
        .by(&admin)
        .json(body)
        .send()
        .must_be_problem(409, "api_keys_too_many");
}

#[test]
fn a_token_with_a_service_account_as_its_user_is_rejected() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let id = path.rsplit('/').next().unwrap();
    let forged = crate::minting::with_claim(&admin.token, "sub", json!(id));
    assert_eq!(claims(&forged)["sub"], id);
    server.get("/users").bearer(&forged).send().must_be_problem(401, "invalid_token");
}

#[test]
fn the_permission_list_has_the_documented_maximum_length() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    for (schema, post) in
        [("NewApiKey", format!("{path}/keys")), ("NewServiceAccount", "/service-accounts".to_owned())]
    {
        let field = format!("/components/schemas/{schema}/properties/permissions/maxItems");
        let limit = server.contract().document().pointer(&field).and_then(Value::as_u64).unwrap();
        let body = |count| json!({ "name": "repeated", "permissions": vec!["users:read"; count] });
        let count = usize::try_from(limit).unwrap();
        server.post(&post).by(&admin).json(body(count)).send().must_be(201);
        let response = server.post(&post).by(&admin).json(body(count + 1)).send();
        let errors = response.must_be_problem(400, "validation_failed").errors();
        assert_eq!(errors, [("/permissions".to_owned(), "permissions_too_many".to_owned())]);
    }
}
