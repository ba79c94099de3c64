//! Errors of the OAuth endpoints (RFC 6749, section 5.2).

use crate::minting::{claims, header, signed};
use crate::oauth::{basic, create_inspector, form, post_form, service_account};
use jsonwebtoken::Header;
use roster_tests::{ADMIN, PASSWORD, Response, SECRET, Server, Setup};
use serde_json::json;

#[track_caller]
fn must_be_error(response: &Response, status: u16, error: &str) {
    let found = (response.status(), response.string("error"));
    assert_eq!(found, (status, error.to_owned()), "{}", response.summary());
}

#[test]
fn an_invalid_form_or_a_duplicate_parameter_is_rejected() {
    let server = Server::start();
    let post = || server.post("/oauth/token");
    must_be_error(&post().json(json!({ "grant_type": "password" })).send(), 415, "invalid_request");
    let json_as_form = post().form("{\"grant_type\": \"password\"}").send();
    must_be_error(&json_as_form, 415, "invalid_request");
    assert!(json_as_form.string("error_description").contains("Send a form"), "{}", json_as_form.summary());
    must_be_error(&post().form("").send(), 400, "invalid_request");
    must_be_error(&post().form("grant_type=%FF%FE&username=a").send(), 400, "unsupported_grant_type");
    must_be_error(&post().form("grant_type=password&grant_type=password").send(), 400, "invalid_request");
    must_be_error(&post().form("x=1&x=2&grant_type=implicit").send(), 400, "invalid_request");
    must_be_error(&post().form("grant_type=&username=a").send(), 400, "invalid_request");
    must_be_error(&post().form("grant_type=password&username=ada").send(), 400, "invalid_request");
    must_be_error(&post().form(&format!("grant_type={}", "a".repeat(70_000))).send(), 413, "invalid_request");
    must_be_error(&server.get("/oauth/token").send(), 405, "invalid_request");
    let picky = post().header("Accept", "text/html").form("grant_type=password").send();
    must_be_error(&picky, 406, "invalid_request");
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        must_be_error(&server.post(path).form("token=").send(), 400, "invalid_request");
        must_be_error(&server.post(path).form("token=a&token=a").send(), 400, "invalid_request");
    }
}

#[test]
fn an_unknown_grant_type_is_unsupported() {
    let server = Server::start();
    for grant in
        ["authorization_code", "implicit", "PASSWORD", "urn:ietf:params:oauth:grant-type:device_code"]
    {
        must_be_error(
            &post_form(&server, "/oauth/token", &[("grant_type", grant)]),
            400,
            "unsupported_grant_type",
        );
    }
}

#[test]
fn wrong_passwords_unknown_usernames_and_disabled_accounts_are_invalid_grants() {
    let server = Server::start();
    let ada = server.register("ada");
    let log_in = |username: &str, password: &str| {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        post_form(&server, "/oauth/token", &fields)
    };
    let (wrong, unknown) = (log_in("ada", "not the password"), log_in("nobody", PASSWORD));
    must_be_error(&wrong, 400, "invalid_grant");
    assert_eq!(wrong.json(), unknown.json(), "the responses do not reveal who exists");
    assert!(wrong.string("error_description").contains("Check both"), "the description says what to do");
    let disable = json!({ "status": "disabled" });
    server.patch(&ada.path()).by(&server.admin()).merge_patch(disable).send().must_be(200);
    must_be_error(&log_in("ada", PASSWORD), 400, "invalid_grant");
}

#[test]
fn other_kinds_of_tokens_are_not_accepted_as_refresh_tokens() {
    let server = Server::start();
    let (backup, ada) =
        (service_account(&server, &server.admin(), "backup", &["users:read"]), server.register("ada"));
    for token in [&*ada.token, &*backup.secret, "rt_", "x", "rt_\u{0}"] {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        must_be_error(&post_form(&server, "/oauth/token", &fields), 400, "invalid_grant");
    }
    server.get("/users/me").by(&ada).send().must_be(200);
    server.get("/users/me").bearer(&ada.refresh_token).send().must_be_problem(401, "invalid_token");
}

#[test]
fn a_client_secret_in_the_wrong_place_is_rejected() {
    let server = Server::start();
    let admin = server.admin();
    let backup = service_account(&server, &admin, "backup", &["users:read"]);
    let other = service_account(&server, &admin, "other", &["users:read"]);
    let ada = server.register("ada");
    let grant = ("grant_type", "client_credentials");
    let id = ("client_id", &*backup.id);
    let mut bad = vec![form(&[grant]), form(&[grant, id]), form(&[grant, ("client_secret", &backup.secret)])];
    for secret in [&*other.secret, &*ada.token, &*ada.refresh_token, PASSWORD, &backup.secret[..20]] {
        bad.push(form(&[grant, id, ("client_secret", secret)]));
    }
    bad.push(form(&[grant, ("client_id", ADMIN), ("client_secret", &backup.secret)]));
    bad.push(form(&[grant, ("client_id", &ada.id), ("client_secret", &backup.secret)]));
    for body in bad {
        let response = server.post("/oauth/token").form(&body).send();
        must_be_error(&response, 401, "invalid_client");
        assert_eq!(response.header("www-authenticate"), Some("Basic realm=\"roster\""));
    }
    let query = format!("/oauth/token?client_id={}&client_secret={}", backup.id, backup.secret);
    must_be_error(&server.post(&query).form(&form(&[grant])).send(), 401, "invalid_client");
    let bearer = server.post("/oauth/token").bearer(&backup.secret).form(&form(&[grant])).send();
    must_be_error(&bearer, 401, "invalid_client");
}

#[test]
fn a_wrong_client_secret_is_rejected_even_if_none_is_required() {
    let mut server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let backup = service_account(&server, &admin, "backup", &["users:read"]);
    let post = |path: &str, header: &str, fields: &[(&str, &str)]| {
        server.post(path).header("Authorization", header).form(&form(fields)).send()
    };
    let password = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*ada.refresh_token)];
    let revoke = [("token", &*ada.refresh_token)];
    let fields: [(&str, &[_]); 3] =
        [("/oauth/token", &password), ("/oauth/token", &refresh), ("/oauth/revoke", &revoke)];
    for (path, fields) in fields {
        must_be_error(&post(path, &basic(&backup.id, "wrong"), fields), 401, "invalid_client");
    }
    for (path, fields) in fields {
        post(path, &basic("a public client", ""), fields).must_be(200);
    }
    server.stop();
    let log = server.audit_log();
    let about = log.iter().filter(|record| record["target"]["service_account"] == json!(backup.id));
    let failures = about.filter(|record| record["outcome"] == "bad_credentials");
    assert_eq!(failures.map(|record| record["count"].as_u64().unwrap_or(1)).sum::<u64>(), 3);
}

#[test]
fn a_client_must_use_exactly_one_authentication_method() {
    let server = Server::start();
    let backup = service_account(&server, &server.admin(), "backup", &["users:read"]);
    let post = |header: String, more: &[(&str, &str)]| {
        let fields = [&[("grant_type", "client_credentials")], more].concat();
        server.post("/oauth/token").header("Authorization", header).form(&form(&fields)).send()
    };
    let right = || basic(&backup.id, &backup.secret);
    post(right(), &[]).must_be(200);
    post(right(), &[("client_id", &backup.id)]).must_be(200);
    must_be_error(&post(right(), &[("client_secret", &backup.secret)]), 400, "invalid_request");
    must_be_error(&post(right(), &[("client_id", "another")]), 400, "invalid_request");
    for header in ["Basic", "Basic !", "Basic YQ==", &basic(&backup.id, "%FF"), &basic("", "")] {
        must_be_error(&post(header.to_owned(), &[]), 401, "invalid_client");
    }
}

#[test]
fn a_scope_beyond_the_keys_permissions_is_rejected() {
    let server = Server::start();
    let backup = service_account(&server, &server.admin(), "backup", &["users:read"]);
    for scope in ["users:delete", "users:read users:delete", "openid", "users:read\r\nX-Evil: 1"] {
        must_be_error(&backup.token(&server, &[("scope", scope)]), 400, "invalid_scope");
    }
}

#[test]
fn introspection_requires_the_permission() {
    let server = Server::start();
    let (backup, ada) =
        (service_account(&server, &server.admin(), "backup", &["users:read"]), server.register("ada"));
    let body = form(&[("token", &ada.token)]);
    let post = || server.post("/oauth/introspect");
    let without = post().form(&body).send();
    must_be_error(&without, 401, "invalid_client");
    let advice = without.string("error_description");
    assert!(advice.contains("HTTP Basic") && advice.contains("'Authorization: Bearer TOKEN'"), "{advice}");
    assert!(!advice.contains('?'), "{advice}");
    must_be_error(&post().bearer("nonsense").form(&body).send(), 401, "invalid_token");
    must_be_error(&post().bearer(&ada.refresh_token).form(&body).send(), 401, "invalid_token");
    must_be_error(&post().by(&ada).form(&body).send(), 403, "insufficient_scope");
    let basic_of =
        |secret: &str| post().header("Authorization", basic(&backup.id, secret)).form(&body).send();
    must_be_error(&basic_of(&backup.secret), 403, "insufficient_scope");
    must_be_error(&basic_of("rk_nonsense"), 401, "invalid_client");
}

#[test]
fn tokens_and_keys_of_service_accounts_cannot_be_revoked_through_oauth() {
    let server = Server::start();
    let backup = service_account(&server, &server.admin(), "backup", &["users:read"]);
    let token = backup.token(&server, &[]).must_be(200).string("access_token");
    for held in [&token, &backup.secret, "rk_nonsense"] {
        must_be_error(
            &post_form(&server, "/oauth/revoke", &[("token", held)]),
            400,
            "unsupported_token_type",
        );
    }
    server.get("/users").bearer(&token).send().must_be(200);
}

#[test]
fn a_malformed_token_is_inactive_and_revokes_nothing() {
    let server = Server::start();
    let (inspector, ada) = (create_inspector(&server), server.register("ada"));
    let token_claims = claims(&ada.token);
    let typed = |typ: &str| Header { typ: Some(typ.to_owned()), ..header() };
    for forged in [
        signed(&typed("JWT"), &token_claims, SECRET),
        signed(&typed("id+jwt"), &token_claims, SECRET),
        signed(&header(), &token_claims, "some other secret that nobody shares at all"),
    ] {
        assert_eq!(inspector.introspect(&server, &forged), json!({ "active": false }));
        post_form(&server, "/oauth/revoke", &[("token", &forged)]).must_be(200);
    }
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn user_and_service_account_tokens_are_not_confused() {
    let server = Server::start();
    let (inspector, ada) = (create_inspector(&server), server.register("ada"));
    let token = inspector.token(&server, &[]).must_be(200).string("access_token");
    let (of_account, of_user) = (claims(&token), claims(&ada.token));
    let forge = |base: &serde_json::Value, changes: &[(&str, serde_json::Value)]| {
        let mut token_claims = base.clone();
        for (name, value) in changes {
            token_claims[*name] = value.clone();
        }
        signed(&header(), &token_claims, SECRET)
    };
    for forged in [
        forge(&of_account, &[("sid", of_user["sid"].clone())]),
        forge(&of_account, &[("client_id", json!("roster"))]),
        forge(&of_account, &[("sub", of_user["sub"].clone()), ("client_id", of_user["sub"].clone())]),
        forge(&of_account, &[("epoch", json!(7))]),
        forge(&of_user, &[("key", of_account["key"].clone())]),
        forge(&of_user, &[("sub", of_account["sub"].clone())]),
    ] {
        server.get("/users/me").bearer(&forged).send().must_be_problem(401, "invalid_token");
    }
}

#[test]
fn errors_do_not_echo_the_request() {
    let server = Server::start();
    let evil = "x\r\nSet-Cookie: a=b";
    for body in [form(&[("grant_type", evil)]), form(&[(evil, "1"), (evil, "2")])] {
        let response = server.post("/oauth/token").form(&body).send().must_be(400);
        assert!(!response.text().contains("Set-Cookie") && response.header("set-cookie").is_none());
    }
}

#[test]
fn repeated_failures_are_rate_limited() {
    let server = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "3/1h").start();
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let last = (0..8).fold(None, |_, _| Some(post_form(&server, "/oauth/token", &fields))).unwrap();
    must_be_error(&last, 429, "slow_down");
    assert!(last.header("retry-after").is_some());
}

#[test]
fn a_valid_key_is_not_rate_limited_while_guesses_are() {
    let server = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "5/1h").start();
    let inspector = create_inspector(&server);
    for _ in 0..8 {
        assert_eq!(inspector.introspect(&server, "none"), json!({ "active": false }));
        inspector.token(&server, &[]).must_be(200);
    }
    let guess = [("grant_type", "client_credentials"), ("client_id", &*inspector.id), ("client_secret", "x")];
    let last = (0..8).fold(None, |_, _| Some(post_form(&server, "/oauth/token", &guess))).unwrap();
    must_be_error(&last, 429, "slow_down");
}
