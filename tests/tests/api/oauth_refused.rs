//! What the OAuth endpoints refuse, in the words of RFC 6749, section 5.2.

use crate::minting::{claims, header, signed};
use crate::oauth::{ask, basic, form, inspector, machine};
use jsonwebtoken::Header;
use roster_tests::{ADMIN, Answer, PASSWORD, SECRET, Server, Setup};
use serde_json::json;

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    let found = (answer.status(), answer.text_of("error"));
    assert_eq!(found, (status, error.to_owned()), "{}", answer.summary());
}

#[test]
fn a_form_that_is_none_or_says_a_thing_twice_is_refused() {
    let server = Server::start();
    let post = || server.post("/oauth/token");
    refused(&post().json(json!({ "grant_type": "password" })).send(), 415, "invalid_request");
    refused(&post().form("").send(), 400, "invalid_request");
    refused(&post().form("grant_type=%FF%FE&username=a").send(), 400, "unsupported_grant_type");
    refused(&post().form("grant_type=password&grant_type=password").send(), 400, "invalid_request");
    refused(&post().form("x=1&x=2&grant_type=implicit").send(), 400, "invalid_request");
    refused(&post().form("grant_type=&username=a").send(), 400, "invalid_request");
    refused(&post().form("grant_type=password&username=ada").send(), 400, "invalid_request");
    refused(&post().form(&format!("grant_type={}", "a".repeat(70_000))).send(), 413, "invalid_request");
    refused(&server.get("/oauth/token").send(), 405, "invalid_request");
    let picky = post().header("Accept", "text/html").form("grant_type=password").send();
    refused(&picky, 406, "invalid_request");
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        refused(&server.post(path).form("token=").send(), 400, "invalid_request");
        refused(&server.post(path).form("token=a&token=a").send(), 400, "invalid_request");
    }
}

#[test]
fn a_grant_type_that_there_is_not_is_told_as_such() {
    let server = Server::start();
    for grant in
        ["authorization_code", "implicit", "PASSWORD", "urn:ietf:params:oauth:grant-type:device_code"]
    {
        refused(&ask(&server, "/oauth/token", &[("grant_type", grant)]), 400, "unsupported_grant_type");
    }
}

#[test]
fn a_wrong_password_an_unknown_name_and_a_disabled_account_are_invalid_grants() {
    let server = Server::start();
    let ada = server.register("ada");
    let log_in = |username: &str, password: &str| {
        let asked = [("grant_type", "password"), ("username", username), ("password", password)];
        ask(&server, "/oauth/token", &asked)
    };
    let (wrong, unknown) = (log_in("ada", "not the password"), log_in("nobody", PASSWORD));
    refused(&wrong, 400, "invalid_grant");
    assert_eq!(wrong.json(), unknown.json(), "they tell nothing of who there is");
    assert!(wrong.text_of("error_description").contains("Check both"), "what to do about it");
    let disable = json!({ "status": "disabled" });
    server.patch(&ada.path()).by(&server.admin()).merge_patch(disable).send().must_be(200);
    refused(&log_in("ada", PASSWORD), 400, "invalid_grant");
}

#[test]
fn a_token_of_another_kind_is_no_refresh_token() {
    let server = Server::start();
    let (backup, ada) =
        (machine(&server, &server.admin(), "backup", &["users:read"]), server.register("ada"));
    for token in [&*ada.token, &*backup.secret, "rt_", "x", "rt_\u{0}"] {
        let asked = [("grant_type", "refresh_token"), ("refresh_token", token)];
        refused(&ask(&server, "/oauth/token", &asked), 400, "invalid_grant");
    }
    server.get("/users/me").by(&ada).send().must_be(200);
    server.get("/users/me").bearer(&ada.refresh_token).send().refused(401, "invalid_token");
}

#[test]
fn a_client_that_does_not_show_its_secret_in_the_right_place_is_refused() {
    let server = Server::start();
    let admin = server.admin();
    let backup = machine(&server, &admin, "backup", &["users:read"]);
    let other = machine(&server, &admin, "other", &["users:read"]);
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
        let answer = server.post("/oauth/token").form(&body).send();
        refused(&answer, 401, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"roster\""));
    }
    let query = format!("/oauth/token?client_id={}&client_secret={}", backup.id, backup.secret);
    refused(&server.post(&query).form(&form(&[grant])).send(), 401, "invalid_client");
    let bearer = server.post("/oauth/token").bearer(&backup.secret).form(&form(&[grant])).send();
    refused(&bearer, 401, "invalid_client");
}

#[test]
fn a_client_that_shows_a_wrong_secret_is_refused_even_where_it_needs_none() {
    let mut server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let backup = machine(&server, &admin, "backup", &["users:read"]);
    let post = |path: &str, header: &str, fields: &[(&str, &str)]| {
        server.post(path).header("Authorization", header).form(&form(fields)).send()
    };
    let password = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*ada.refresh_token)];
    let revoke = [("token", &*ada.refresh_token)];
    let asked: [(&str, &[_]); 3] =
        [("/oauth/token", &password), ("/oauth/token", &refresh), ("/oauth/revoke", &revoke)];
    for (path, fields) in asked {
        refused(&post(path, &basic(&backup.id, "wrong"), fields), 401, "invalid_client");
    }
    for (path, fields) in asked {
        post(path, &basic("a public client", ""), fields).must_be(200);
    }
    server.stop();
    let log = server.audit_log();
    let about = log.iter().filter(|record| record["target"]["service_account"] == json!(backup.id));
    let failures = about.filter(|record| record["outcome"] == "bad_credentials");
    assert_eq!(failures.map(|record| record["count"].as_u64().unwrap_or(1)).sum::<u64>(), 3);
}

#[test]
fn a_client_authenticates_in_one_way_only() {
    let server = Server::start();
    let backup = machine(&server, &server.admin(), "backup", &["users:read"]);
    let post = |header: String, more: &[(&str, &str)]| {
        let fields = [&[("grant_type", "client_credentials")], more].concat();
        server.post("/oauth/token").header("Authorization", header).form(&form(&fields)).send()
    };
    let right = || basic(&backup.id, &backup.secret);
    post(right(), &[]).must_be(200);
    post(right(), &[("client_id", &backup.id)]).must_be(200);
    refused(&post(right(), &[("client_secret", &backup.secret)]), 400, "invalid_request");
    refused(&post(right(), &[("client_id", "another")]), 400, "invalid_request");
    for header in ["Basic", "Basic !", "Basic YQ==", &basic(&backup.id, "%FF"), &basic("", "")] {
        refused(&post(header.to_owned(), &[]), 401, "invalid_client");
    }
}

#[test]
fn a_scope_beyond_the_key_is_refused() {
    let server = Server::start();
    let backup = machine(&server, &server.admin(), "backup", &["users:read"]);
    for scope in ["users:delete", "users:read users:delete", "openid", "users:read\r\nX-Evil: 1"] {
        refused(&backup.token(&server, &[("scope", scope)]), 400, "invalid_scope");
    }
}

#[test]
fn nobody_introspects_without_the_permission() {
    let server = Server::start();
    let (backup, ada) =
        (machine(&server, &server.admin(), "backup", &["users:read"]), server.register("ada"));
    let body = form(&[("token", &ada.token)]);
    let post = || server.post("/oauth/introspect");
    refused(&post().form(&body).send(), 401, "invalid_client");
    refused(&post().bearer("nonsense").form(&body).send(), 401, "invalid_token");
    refused(&post().bearer(&ada.refresh_token).form(&body).send(), 401, "invalid_token");
    refused(&post().by(&ada).form(&body).send(), 403, "insufficient_scope");
    let basic_of =
        |secret: &str| post().header("Authorization", basic(&backup.id, secret)).form(&body).send();
    refused(&basic_of(&backup.secret), 403, "insufficient_scope");
    refused(&basic_of("rk_nonsense"), 401, "invalid_client");
}

#[test]
fn what_a_machine_holds_is_not_revoked_by_holding_it() {
    let server = Server::start();
    let backup = machine(&server, &server.admin(), "backup", &["users:read"]);
    let token = backup.token(&server, &[]).must_be(200).text_of("access_token");
    for held in [&token, &backup.secret, "rk_nonsense"] {
        refused(&ask(&server, "/oauth/revoke", &[("token", held)]), 400, "unsupported_token_type");
    }
    server.get("/users").bearer(&token).send().must_be(200);
}

#[test]
fn a_token_that_only_looks_like_one_is_inactive_and_revokes_nothing() {
    let server = Server::start();
    let (inspector, ada) = (inspector(&server), server.register("ada"));
    let said = claims(&ada.token);
    let typed = |typ: &str| Header { typ: Some(typ.to_owned()), ..header() };
    for forged in [
        signed(&typed("JWT"), &said, SECRET),
        signed(&typed("id+jwt"), &said, SECRET),
        signed(&header(), &said, "some other secret that nobody shares at all"),
    ] {
        assert_eq!(inspector.introspect(&server, &forged), json!({ "active": false }));
        ask(&server, "/oauth/revoke", &[("token", &forged)]).must_be(200);
    }
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_machines_token_is_not_taken_for_a_users_nor_the_reverse() {
    let server = Server::start();
    let (inspector, ada) = (inspector(&server), server.register("ada"));
    let token = inspector.token(&server, &[]).must_be(200).text_of("access_token");
    let (machines, users) = (claims(&token), claims(&ada.token));
    let forge = |base: &serde_json::Value, changes: &[(&str, serde_json::Value)]| {
        let mut said = base.clone();
        for (name, value) in changes {
            said[*name] = value.clone();
        }
        signed(&header(), &said, SECRET)
    };
    for forged in [
        forge(&machines, &[("sid", users["sid"].clone())]),
        forge(&machines, &[("client_id", json!("roster"))]),
        forge(&machines, &[("sub", users["sub"].clone()), ("client_id", users["sub"].clone())]),
        forge(&machines, &[("epoch", json!(7))]),
        forge(&users, &[("key", machines["key"].clone())]),
        forge(&users, &[("sub", machines["sub"].clone())]),
    ] {
        server.get("/users/me").bearer(&forged).send().refused(401, "invalid_token");
    }
}

#[test]
fn an_error_says_nothing_that_was_sent() {
    let server = Server::start();
    let evil = "x\r\nSet-Cookie: a=b";
    for body in [form(&[("grant_type", evil)]), form(&[(evil, "1"), (evil, "2")])] {
        let answer = server.post("/oauth/token").form(&body).send().must_be(400);
        assert!(!answer.text().contains("Set-Cookie") && answer.header("set-cookie").is_none());
    }
}

#[test]
fn whoever_fails_too_often_is_slowed_down() {
    let server = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "3/1h").start();
    let asked = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let last = (0..8).fold(None, |_, _| Some(ask(&server, "/oauth/token", &asked))).unwrap();
    refused(&last, 429, "slow_down");
    assert!(last.header("retry-after").is_some());
}

#[test]
fn a_machine_with_the_right_key_is_not_slowed_down_and_a_guesser_is() {
    let server = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "5/1h").start();
    let inspector = inspector(&server);
    for _ in 0..8 {
        assert_eq!(inspector.introspect(&server, "none"), json!({ "active": false }));
        inspector.token(&server, &[]).must_be(200);
    }
    let guess = [("grant_type", "client_credentials"), ("client_id", &*inspector.id), ("client_secret", "x")];
    let last = (0..8).fold(None, |_, _| Some(ask(&server, "/oauth/token", &guess))).unwrap();
    refused(&last, 429, "slow_down");
}
