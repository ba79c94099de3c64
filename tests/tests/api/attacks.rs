//! Attacks over HTTP. Many are tested next to the feature they attack; this file has the rest.
//!
//! | attack | test |
//! |---|---|
//! | `alg: none`, a different algorithm | `tokens::a_token_with_a_wrong_signature_or_algorithm_is_rejected` |
//! | a public key used as a shared secret | `forged_tokens::a_public_key_is_not_accepted_as_a_shared_secret` |
//! | embedded `jwk`, `jku`, `x5u`, `x5c`, `kid` tricks, `crit`, `b64`, `zip` | `forged_tokens::a_token_header_cannot_choose_its_own_key_or_rules` |
//! | duplicated claims and parameters | `forged_tokens::duplicate_claims_and_header_parameters_are_rejected` |
//! | padding, alphabet, stray bits in base64url | `forged_tokens::a_token_has_only_one_valid_encoding` |
//! | missing `exp` or `aud`, `nbf` in the future | `tokens::a_token_with_wrong_claims_is_rejected` |
//! | oversized tokens | `tokens::malformed_and_oversized_tokens_are_rejected` |
//! | nested and encrypted tokens | `forged_tokens::nested_and_encrypted_tokens_are_rejected` |
//! | a refresh token used as an access token and the reverse | `sessions::access_and_refresh_tokens_are_not_interchangeable` |
//! | an API key used as another secret and the reverse | [`secrets_of_different_kinds_are_not_interchangeable`] |
//! | an ID token used as an access token | `forged_tokens::an_id_token_is_not_accepted_as_an_access_token` |
//! | a token issued before a password change | `stale_tokens::a_password_change_invalidates_all_older_tokens` |
//! | a login that races a password change | [`a_login_that_races_a_password_change_leaves_no_usable_token`] |
//! | a refresh token replayed in parallel | `sessions::a_hundred_concurrent_refreshes_leave_one_valid_refresh_token`, [`fifty_replays_of_a_used_refresh_token_are_audited_as_one_reuse`] |
//! | guessed refresh tokens | [`guessing_refresh_tokens_is_rate_limited_and_valid_ones_still_work`] |
//! | another user's session | [`a_token_cannot_use_another_users_session`], `sessions::only_administrators_can_list_and_revoke_the_sessions_of_others` |
//! | header injection | [`request_data_never_becomes_a_response_header`] |
//! | a forged `X-Forwarded-For` | `limits::untrusted_forwarded_addresses_count_as_one_client_and_are_logged_once`, `limits::only_the_address_appended_by_a_trusted_proxy_counts` |
//! | enumeration by body and status | `login::a_wrong_password_and_an_unknown_username_get_the_same_response`, `limits::known_and_unknown_usernames_are_limited_alike`, `authorization::a_user_without_permissions_cannot_access_others_or_learn_who_exists` |
//! | enumeration by time | [`known_and_unknown_usernames_cost_one_password_hash_each`] |
//! | privilege escalation through roles and password resets | [`a_caller_with_fewer_permissions_cannot_create_or_take_over_an_administrator`], `privileged_fields::users_cannot_patch_their_own_privileged_fields` |

use crate::concurrency::at_once;
use crate::forged_tokens::must_be_rejected;
use crate::minting::{claims, with_claim};
use crate::service_accounts::{create_account, create_key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_tests::{PASSWORD, Response, Server, Setup, raw, wait_for};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "another password, quite new";

#[test]
fn secrets_of_different_kinds_are_not_interchangeable() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let (api_key, _) =
        create_key(&server, &admin, &create_account(&server, &admin, "backup", &["users:read"]));
    for secret in [&ada.token, &api_key] {
        server.try_refresh(secret).must_be_problem(401, "refresh_token_invalid");
        server.try_log_in("ada", secret).must_be_problem(401, "credentials_invalid");
    }
    server.try_log_in("ada", &ada.refresh_token).must_be_problem(401, "credentials_invalid");
    server.try_log_in("backup", &api_key).must_be_problem(401, "credentials_invalid");
    for secret in
        [format!("rk_{}", ada.refresh_token), api_key.replacen("rk_", "rt_", 1), ada.token.replace('.', "_")]
    {
        must_be_rejected(&server, &secret, "with the prefix of another kind");
        server.try_refresh(&secret).must_be_problem(401, "refresh_token_invalid");
    }
    server.post("/auth/logout").bearer(&ada.refresh_token).send().must_be_problem(401, "invalid_token");
    server.post("/auth/logout").bearer(&api_key).send().must_be_problem(403, "permission_denied");
    assert!(server.refresh(&ada.refresh_token).token.contains('.'), "the refresh token is still valid");
}

#[test]
fn a_login_that_races_a_password_change_leaves_no_usable_token() {
    let server = Server::start();
    for round in 0..4 {
        let name = format!("ada{round}");
        let ada = server.register(&name);
        let responses = at_once(9, |number| {
            if number == 4 {
                let body = json!({ "current_password": PASSWORD, "password": NEW_PASSWORD });
                return server.put("/users/me/password").by(&ada).json(body).send().must_be(200);
            }
            server.try_log_in(&name, PASSWORD)
        });
        for (number, response) in responses.iter().enumerate() {
            if number != 4 && response.status() == 200 {
                must_be_rejected(&server, &response.string("access_token"), "issued for the old password");
                server
                    .try_refresh(&response.string("refresh_token"))
                    .must_be_problem(401, "refresh_token_invalid");
            }
        }
        server.try_log_in(&name, PASSWORD).must_be_problem(401, "credentials_invalid");
        let _ = server.log_in(&name, NEW_PASSWORD);
    }
}

#[test]
fn fifty_replays_of_a_used_refresh_token_are_audited_as_one_reuse() {
    let server = Setup::new().set("auth.refresh_grace", "0s").start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let thief = server.refresh(&ada.refresh_token);
    for response in at_once(50, |_| server.try_refresh(&ada.refresh_token)) {
        response.must_be_problem(401, "refresh_token_invalid");
    }
    must_be_rejected(&server, &thief.token, "the session is revoked");
    let query = format!("/audit?target={}&outcome=token_reused", ada.id);
    let reused = server.get(&query).by(&admin).send().must_be(200).json();
    assert_eq!(reused["data"].as_array().unwrap().len(), 1, "{reused}");
}

#[test]
fn guessing_refresh_tokens_is_rate_limited_and_valid_ones_still_work() {
    let limited = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "20/1h");
    let server = limited.start();
    let mut ada = server.register("ada");
    let guess = |number: usize| {
        let bytes = [u8::try_from(number).unwrap(); 48];
        server.try_refresh(&format!("rt_{}", URL_SAFE_NO_PAD.encode(bytes)))
    };
    let rejections = (0..30).map(guess).filter(|response| response.status() == 429).count();
    assert!(rejections >= 10, "{rejections}");
    guess(99).must_be_problem(429, "too_many_requests");
    for _ in 0..30 {
        ada = server.refresh(&ada.refresh_token);
    }
}

#[test]
fn a_token_cannot_use_another_users_session() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let (own, others) = (claims(&ada.token)["sid"].clone(), claims(&admin.token)["sid"].clone());
    must_be_rejected(
        &server,
        &with_claim(&ada.token, "sid", others.clone()),
        "ada's token with the administrator's session",
    );
    must_be_rejected(
        &server,
        &with_claim(&admin.token, "sid", own),
        "the administrator's token with ada's session",
    );
    must_be_rejected(&server, &with_claim(&ada.token, "sid", Value::Null), "without a session");
    must_be_rejected(
        &server,
        &with_claim(&ada.token, "sid", json!(ada.id)),
        "with a session that never existed",
    );
    let path = format!("/users/me/sessions/{}", others.as_str().unwrap());
    server.delete(&path).by(&ada).send().must_be_problem(404, "session_not_found");
    server.get("/users/me").by(&admin).send().must_be(200);
}

#[test]
fn request_data_never_becomes_a_response_header() {
    let server = Server::start();
    let split = "%0d%0aSet-Cookie:%20own=1";
    let mut requests: Vec<String> = [
        format!("GET /users/{split} HTTP/1.1\r\nHost: x"),
        format!("GET /{split} HTTP/1.1\r\nHost: x"),
        format!("GET /health?a={split} HTTP/1.1\r\nHost: x"),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a%0d%0aSet-Cookie: own=1".to_owned(),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\rSet-Cookie: own=1".to_owned(),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\nSet-Cookie: own=1".to_owned(),
        "GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\rSet-Cookie: own=1".to_owned(),
    ]
    .into();
    for request in &mut requests {
        request.push_str("\r\n\r\n");
        let response = raw::send(server.address(), request.as_bytes());
        let head = response.text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        assert!(!head.contains("set-cookie") && !head.contains("own=1"), "{request:?}: {head}");
    }
    for name in ["ada\r\nSet-Cookie: own=1", "ada\nX: y", "ada\rX: y"] {
        let body = json!({ "username": name, "password": PASSWORD });
        server.post("/users").json(body).send().must_be_problem(400, "validation_failed");
    }
}

/// The benchmark compares the response times: `roster-bench --parts failures`.
#[test]
fn known_and_unknown_usernames_cost_one_password_hash_each() {
    let server = Server::start();
    let hashed = || {
        let response = server.get("/metrics").send().must_be(200);
        let secret = response.text();
        let count = secret.lines().find_map(|line| line.strip_prefix("roster_hash_run_seconds_count "));
        count.unwrap_or_else(|| panic!("{secret}")).parse::<u64>().unwrap()
    };
    // The metric is updated shortly after the response is sent.
    let hashes_of = |name: &str, request: &dyn Fn()| {
        let before = hashed();
        request();
        wait_for(&format!("a hash for {name:?}"), || (hashed() > before).then_some(()));
        hashed() - before
    };
    hashes_of("the registration", &|| drop(server.register_only("ada")));
    for name in ["ada", "ADA@example.org", "nobody", "nobody@example.org", "no name at all", ""] {
        let count = hashes_of(name, &|| drop(server.try_log_in(name, "not this one")));
        assert_eq!(count, 1, "{name:?}");
    }
}

#[test]
fn a_caller_with_fewer_permissions_cannot_create_or_take_over_an_administrator() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let held = ["users:read", "users:create", "users:update", "users:delete", "sessions:manage"];
    let path = create_account(&server, &admin, "helpdesk", &held);
    let (helpdesk, _) = create_key(&server, &admin, &path);
    let denied = |response: Response| drop(response.must_be_problem(403, "permission_denied"));
    let change = |user: &str, body: Value| server.patch(user).bearer(&helpdesk).merge_patch(body).send();
    denied(change(&ada.path(), json!({ "roles": ["admin"] })));
    denied(change(&ada.path(), json!({ "roles": ["user", "admin"] })));
    for above in [
        json!({ "email": "mine@example.org" }),
        json!({ "status": "disabled" }),
        json!({ "roles": ["user"] }),
    ] {
        denied(change(&admin.path(), above));
    }
    let reset = json!({ "password": NEW_PASSWORD });
    denied(server.put(&format!("{}/password", admin.path())).bearer(&helpdesk).json(reset).send());
    denied(server.delete(&admin.path()).bearer(&helpdesk).send());
    denied(server.delete(&format!("{}/sessions", admin.path())).bearer(&helpdesk).send());
    let made = json!({ "username": "mine", "password": NEW_PASSWORD, "roles": ["admin"] });
    denied(server.post("/users").bearer(&helpdesk).json(made).send());
    let machine = json!({ "name": "mine", "permissions": ["users:read"] });
    denied(server.post("/service-accounts").bearer(&helpdesk).json(machine).send());
    // Permitted changes still work.
    change(&ada.path(), json!({ "email": "new@example.org" })).must_be(200);
    server.get("/users/me").by(&admin).send().must_be(200);
}
