//! What is refused to keys, and to people about machines.

use crate::machines::{account, create, key};
use crate::minting::claims;
use roster_tests::{PASSWORD, Server, Setup};
use serde_json::{Value, json};

const CHALLENGE: &str = "Bearer error=\"invalid_token\"";

#[test]
fn what_is_no_good_key_is_an_invalid_token() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let ((one, _), (two, _)) = (key(&server, &admin, &path), key(&server, &admin, &path));
    for shown in [
        format!("{}{}", &one[..16], &two[16..]),
        one[..one.len() - 1].to_owned(),
        format!("{one}x"),
        one.to_uppercase(),
        format!("rk_{}", admin.token),
        "rk_".to_owned(),
        format!("rk_{}", "a".repeat(9_000)),
    ] {
        let answer = server.get("/users").bearer(&shown).send().refused(401, "invalid_token");
        assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE), "{shown}");
    }
    server.get("/users").bearer(&one).send().must_be(200);
}

#[test]
fn a_machine_has_no_profile_no_session_and_no_password_of_its_own() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read", "users:update", "users:delete"]);
    let (secret, _) = key(&server, &admin, &path);
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
        let answer = request.bearer(&secret).send().refused(403, "permission_denied");
        assert!(answer.text_of("detail").contains("a service account has no"), "{}", answer.summary());
    }
    let id = path.rsplit('/').next().unwrap();
    server.get(&format!("/users/{id}")).bearer(&secret).send().refused(404, "user_not_found");
    server.try_log_in("backup", &secret).refused(401, "credentials_invalid");
}

#[test]
fn a_machine_resets_no_password_of_somebody_who_holds_more() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "helpdesk", &["users:update"]);
    let (secret, _) = key(&server, &admin, &path);
    let body = json!({ "password": PASSWORD });
    let reset =
        |target: &str| server.put(&format!("{target}/password")).bearer(&secret).json(body.clone()).send();
    reset(&admin.path()).refused(403, "permission_denied");
    reset(&server.register("ada").path()).must_be(204);
}

#[test]
fn a_key_ends_with_the_authority_of_its_maker() {
    let server = Server::start();
    let (admin, maker) = (server.admin(), server.register_admin("maker"));
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = key(&server, &maker, &path);
    server.get("/users").bearer(&secret).send().must_be(200);
    let demoted = json!({ "roles": ["user"] });
    server.patch(&maker.path()).by(&admin).merge_patch(demoted).send().must_be(200);
    let refused = server.get("/users").bearer(&secret).send().refused(403, "permission_denied");
    assert!(refused.text_of("detail").contains("its account and its maker hold"), "{}", refused.summary());
    let shown = server.get(&key_path).by(&admin).send().must_be(200);
    assert_eq!(shown.json()["created_by"]["id"], maker.id, "so that it can be seen why");
    let rotated = server.post(&format!("{key_path}/rotate")).by(&admin).send().must_be(201);
    server.get("/users").bearer(&rotated.text_of("key")).send().must_be(200);
}

#[test]
fn a_key_is_made_rotated_and_revoked_with_a_recent_login_only() {
    let server = Setup::new().set("auth.step_up_age", "3s").start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = key(&server, &admin, &path);
    let absent = format!("{path}/keys/{}", admin.id);
    roster_tests::until("the login is too old", || {
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
            let answer = request.by(by).send();
            let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=3";
            assert_eq!(answer.header("www-authenticate"), Some(challenge), "{}", answer.summary());
            answer.refused(401, "login_too_old");
        }
    }
    server.get("/users").bearer(&secret).send().must_be(200);
    let anew = server.admin();
    server.post(&keys).by(&anew).json(json!({ "name": "another" })).send().must_be(201);
    server.post(&rotation).by(&anew).send().must_be(201);
    server.get("/users").bearer(&secret).send().refused(401, "invalid_token");
}

#[test]
fn a_disabled_or_deleted_account_and_a_lapsed_key_let_nobody_in() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (secret, _) = key(&server, &admin, &path);
    let status = |status: &str| {
        let body = json!({ "status": status });
        server.patch(&path).by(&admin).merge_patch(body).send().must_be(200);
    };
    status("disabled");
    server.get("/users").bearer(&secret).send().refused(401, "invalid_token");
    status("active");
    server.get("/users").bearer(&secret).send().must_be(200);
    server.delete(&path).by(&admin).send().must_be(204);
    server.get("/users").bearer(&secret).send().refused(401, "invalid_token");
}

#[test]
fn a_machine_makes_no_keys_and_gives_no_more_than_it_holds() {
    let server = Server::start();
    let admin = server.admin();
    let weak = account(&server, &admin, "weak", &["users:read", "service_accounts:manage"]);
    let strong = account(&server, &admin, "strong", &["users:delete"]);
    let (secret, _) = key(&server, &admin, &weak);
    let (_, strong_key) = key(&server, &admin, &strong);
    let named = json!({ "name": "a key" });
    let refused = |answer: roster_tests::Answer| answer.refused(403, "permission_denied");
    refused(server.post(&format!("{weak}/keys")).bearer(&secret).json(named).send());
    refused(server.delete(&strong_key).bearer(&secret).send());
    refused(server.delete(&strong).bearer(&secret).send());
    let more = json!({ "permissions": ["users:delete"] });
    refused(server.patch(&weak).bearer(&secret).merge_patch(more).send());
    let more = json!({ "name": "new", "permissions": ["users:delete"] });
    refused(server.post("/service-accounts").bearer(&secret).json(more).send());
    server.get(&strong).bearer(&secret).send().must_be(200);
}

#[test]
fn a_key_of_one_account_is_not_to_be_had_through_another() {
    let server = Server::start();
    let admin = server.admin();
    let (one, other) = (account(&server, &admin, "one", &[]), account(&server, &admin, "other", &[]));
    let (_, path) = key(&server, &admin, &one);
    let astray = path.replace(&one, &other);
    server.get(&astray).by(&admin).send().refused(404, "api_key_not_found");
    server.delete(&astray).by(&admin).send().refused(404, "api_key_not_found");
    server.post(&format!("{astray}/rotate")).by(&admin).send().refused(404, "api_key_not_found");
}

#[test]
fn somebody_without_the_permission_learns_nothing_about_machines() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let path = account(&server, &admin, "backup", &[]);
    let absent = format!("/service-accounts/{}", ada.id);
    for path in [&path, &absent, &"/service-accounts".to_owned(), &format!("{path}/keys")] {
        server.get(path).by(&ada).send().refused(403, "permission_denied");
        server.get(path).send().refused(401, "authentication_required");
    }
    create(&server, &ada, "mine", &[]).refused(403, "permission_denied");
}

#[test]
fn a_body_that_breaks_rules_is_told_every_fault() {
    let server = Server::start();
    let admin = server.admin();
    let body = json!({ "name": "No Spaces", "description": "", "permissions": ["users:rule"] });
    let answer = server.post("/service-accounts").by(&admin).json(body).send();
    let answer = answer.refused(400, "validation_failed");
    let faults = answer.faults();
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let expected = [
        pair("/description", "text_blank"),
        pair("/name", "name_invalid"),
        pair("/permissions", "permission_unknown"),
    ];
    assert_eq!(faults, expected);
    let message = answer.text();
    assert!(
        message.contains("users:rule") && message.contains("users:read"),
        "which, and the known ones: {message}"
    );
    create(&server, &admin, "twice", &[]).must_be(201);
    create(&server, &admin, "twice", &[]).refused(409, "name_taken");
    let path = account(&server, &admin, "backup", &[]);
    let keys = format!("{path}/keys");
    let post = |body: Value| server.post(&keys).by(&admin).json(body).send();
    post(json!({})).refused(400, "validation_failed");
    post(json!({ "name": "k", "permissions": ["users:read"] })).refused(400, "validation_failed");
    post(json!({ "name": "k", "expires_at": "2020-01-01T00:00:00Z" })).refused(400, "validation_failed");
    post(json!({ "name": "k", "secret": "mine" })).refused(400, "unknown_field");
    server.get("/service-accounts/me").by(&admin).send().refused(400, "id_invalid");
    server.get(&format!("{path}/keys/first")).by(&admin).send().refused(400, "id_invalid");
}

#[test]
fn the_number_of_keys_has_an_end() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &[]);
    for _ in 0..20 {
        key(&server, &admin, &path);
    }
    let body = json!({ "name": "one more" });
    server.post(&format!("{path}/keys")).by(&admin).json(body).send().refused(409, "api_keys_too_many");
}

#[test]
fn a_token_that_names_a_machine_as_its_user_is_refused() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let id = path.rsplit('/').next().unwrap();
    let minted = crate::minting::with_claim(&admin.token, "sub", json!(id));
    assert_eq!(claims(&minted)["sub"], id);
    server.get("/users").bearer(&minted).send().refused(401, "invalid_token");
}

#[test]
fn a_list_of_permissions_is_as_long_as_the_document_says() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    for (schema, post) in
        [("NewApiKey", format!("{path}/keys")), ("NewServiceAccount", "/service-accounts".to_owned())]
    {
        let field = format!("/components/schemas/{schema}/properties/permissions/maxItems");
        let most = server.contract().document().pointer(&field).and_then(Value::as_u64).unwrap();
        let body = |count| json!({ "name": "repeated", "permissions": vec!["users:read"; count] });
        let count = usize::try_from(most).unwrap();
        server.post(&post).by(&admin).json(body(count)).send().must_be(201);
        let refused = server.post(&post).by(&admin).json(body(count + 1)).send();
        let faults = refused.refused(400, "validation_failed").faults();
        assert_eq!(faults, [("/permissions".to_owned(), "permissions_too_many".to_owned())]);
    }
}
