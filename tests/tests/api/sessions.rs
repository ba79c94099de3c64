//! Sessions: refreshing, listing and revoking.

use crate::concurrency::at_once;
use crate::minting::claims;
use crate::service_accounts::{create_account, create_key};
use roster_tests::{PASSWORD, Person, Server, Setup};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn is_logged_in(server: &Server, person: &Person) -> bool {
    server.get("/users/me").by(person).send().status() == 200
}

fn sessions(server: &Server, person: &Person) -> Vec<Value> {
    let list = server.get("/users/me/sessions").by(person).send().must_be(200).json();
    list["data"].as_array().unwrap().clone()
}

fn must_reject_refresh(server: &Server, refresh_token: &str) {
    let response = server.try_refresh(refresh_token);
    assert_eq!(response.header("www-authenticate"), Some("Bearer"));
    response.must_be_problem(401, "refresh_token_invalid");
}

#[test]
fn a_refresh_response_looks_like_a_login_and_is_not_cacheable() {
    let server = Server::start();
    let ada = server.register("ada");
    let response = server.try_refresh(&ada.refresh_token).must_be(200);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let next = response.json();
    assert_ne!(next["refresh_token"], ada.refresh_token);
    assert_eq!(next["user"]["username"], "ada");
    let (before, after) = (claims(&ada.token), claims(next["access_token"].as_str().unwrap()));
    for name in ["sid", "auth_time", "amr", "sub"] {
        assert_eq!(before[name], after[name], "{name}");
    }
}

#[test]
fn a_session_is_listed_with_its_device_and_address() {
    let server = Server::start();
    let ada = server.register("ada");
    let body = json!({ "login": "ada", "password": PASSWORD });
    server.post("/auth/login").header("User-Agent", " Lynx/2.9 ").json(body).send().must_be(200);
    let listed = sessions(&server, &ada);
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["device"], &listed[0]["ip"]), (&json!("Lynx/2.9"), &json!("127.0.0.1")));
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(false), &json!(true)));
    assert_eq!(listed[1]["id"], claims(&ada.token)["sid"]);
}

#[test]
fn a_session_shows_its_idle_and_absolute_expiry() {
    let times = |idle: &str, lifetime: &str| {
        let server = Setup::new().set("session.idle_timeout", idle).set("session.lifetime", lifetime).start();
        let session = sessions(&server, &server.register("ada")).remove(0);
        ["created_at", "expires_at", "absolute_expires_at"]
            .map(|name| session[name].as_str().unwrap().to_owned())
    };
    let [began, unused, whatever] = times("2d", "5d");
    assert!(began < unused && unused < whatever, "{began} {unused} {whatever}");
    let [_, unused, whatever] = times("5d", "5d");
    assert_eq!(unused, whatever);
}

#[test]
fn a_hundred_concurrent_refreshes_leave_one_valid_refresh_token() {
    let server = Server::start();
    let ada = server.register("ada");
    let responses = at_once(100, |_| server.try_refresh(&ada.refresh_token));
    let tokens: BTreeSet<_> =
        responses.into_iter().map(|response| response.must_be(200).string("refresh_token")).collect();
    assert_eq!(tokens.len(), 1, "every response has the same refresh token");
    let ada = server.refresh(tokens.first().unwrap());
    assert_eq!(sessions(&server, &ada).len(), 1);
}

#[test]
fn a_reused_refresh_token_revokes_its_session_and_is_audited_and_counted() {
    let mut server = Setup::new().set("auth.refresh_grace", "0s").start();
    let ada = server.register("ada");
    let thief = server.refresh(&ada.refresh_token);
    must_reject_refresh(&server, &ada.refresh_token);
    assert!(!is_logged_in(&server, &thief));
    must_reject_refresh(&server, &thief.refresh_token);
    let metrics = server.get("/metrics").send().must_be(200).text().to_owned();
    assert!(metrics.contains("roster_session_refreshes_total{outcome=\"reused\"} 1"), "{metrics}");
    server.stop();
    let log: Vec<_> = server.audit_log().iter().map(ToString::to_string).collect();
    assert!(log.iter().any(|line| line.contains("token_reused") && line.contains(&ada.id)), "{log:?}");
}

#[test]
fn a_client_can_refresh_again_if_a_crash_lost_the_response() {
    let mut server = Server::start();
    let ada = server.register("ada");
    // The client never receives this response.
    let _ = server.refresh(&ada.refresh_token);
    server.kill();
    server.restart();
    let again = server.refresh(&ada.refresh_token);
    assert!(is_logged_in(&server, &again));
    assert!(is_logged_in(&server, &server.refresh(&again.refresh_token)));
}

#[test]
fn logout_revokes_the_session_immediately() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    server.post("/auth/logout").by(&here).send().must_be(204);
    assert!(!is_logged_in(&server, &here) && is_logged_in(&server, &there));
    must_reject_refresh(&server, &here.refresh_token);
    server.post("/auth/logout").by(&here).send().must_be_problem(401, "invalid_token");
}

#[test]
fn logout_everywhere_revokes_all_sessions() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    server.post("/auth/logout").by(&here).json(json!({ "all": true })).send().must_be(204);
    assert!(!is_logged_in(&server, &here) && !is_logged_in(&server, &there));
    must_reject_refresh(&server, &there.refresh_token);
}

#[test]
fn an_invalid_logout_body_revokes_nothing() {
    let server = Server::start();
    let ada = server.register("ada");
    for body in [json!({ "all": "yes" }), json!({ "everywhere": true }), json!([])] {
        let response = server.post("/auth/logout").by(&ada).json(body).send();
        assert_eq!(response.status(), 400, "{}", response.summary());
    }
    assert!(is_logged_in(&server, &ada));
}

#[test]
fn one_all_or_all_other_sessions_can_be_revoked() {
    let server = Server::start();
    let (ada, second, third) =
        (server.register("ada"), server.log_in("ada", PASSWORD), server.log_in("ada", PASSWORD));
    let id = claims(&second.token)["sid"].as_str().unwrap().to_owned();
    let path = format!("/users/me/sessions/{id}");
    server.delete(&path).by(&ada).send().must_be(204);
    assert!(is_logged_in(&server, &ada) && !is_logged_in(&server, &second) && is_logged_in(&server, &third));
    server.delete(&path).by(&ada).send().must_be_problem(404, "session_not_found");
    server.delete("/users/me/sessions?except=current").by(&ada).send().must_be(204);
    assert!(is_logged_in(&server, &ada) && !is_logged_in(&server, &third));
    server.delete("/users/me/sessions").by(&ada).send().must_be(204);
    assert!(!is_logged_in(&server, &ada));
}

#[test]
fn only_administrators_can_list_and_revoke_the_sessions_of_others() {
    let server = Server::start();
    let (ada, bob, root) = (server.register("ada"), server.register("bob"), server.admin());
    let path = format!("{}/sessions", ada.path());
    server.get(&path).by(&bob).send().must_be_problem(403, "permission_denied");
    server.delete(&path).by(&bob).send().must_be_problem(403, "permission_denied");
    let own = claims(&bob.token)["sid"].as_str().unwrap().to_owned();
    let swapped = format!("{path}/{own}");
    server.delete(&swapped).by(&root).send().must_be_problem(404, "session_not_found");
    let list = server.get(&path).by(&root).send().must_be(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["current"], false);
    server.delete(&path).by(&root).send().must_be(204);
    assert!(!is_logged_in(&server, &ada) && is_logged_in(&server, &bob));
}

#[test]
fn except_current_is_rejected_for_another_users_sessions() {
    let server = Server::start();
    let (ada, root) = (server.register("ada"), server.admin());
    let account = create_account(&server, &root, "janitor", &["sessions:manage"]);
    let (machine, _) = create_key(&server, &root, &account);
    let path = format!("{}/sessions?except=current", ada.path());
    for token in [&root.token, &machine] {
        let response = server.delete(&path).bearer(token).send().must_be_problem(400, "parameter_invalid");
        assert_eq!(response.errors(), [("except".to_owned(), "except_not_theirs".to_owned())]);
    }
    assert!(is_logged_in(&server, &ada) && is_logged_in(&server, &root));
}

#[test]
fn an_invalid_session_id_is_a_400() {
    let server = Server::start();
    let ada = server.register("ada");
    server.delete("/users/me/sessions/1").by(&ada).send().must_be_problem(400, "id_invalid");
    server.delete("/users/me/sessions?except=me").by(&ada).send().must_be_problem(400, "parameter_invalid");
    server.delete("/users/me/sessions?all=1").by(&ada).send().must_be_problem(400, "unknown_parameter");
}

#[test]
fn access_and_refresh_tokens_are_not_interchangeable() {
    let server = Server::start();
    let ada = server.register("ada");
    server.get("/users/me").bearer(&ada.refresh_token).send().must_be_problem(401, "invalid_token");
    must_reject_refresh(&server, &ada.token);
    must_reject_refresh(&server, "");
    must_reject_refresh(&server, &format!("{}=", ada.refresh_token));
    server.post("/auth/refresh").json(json!({})).send().must_be_problem(400, "validation_failed");
    server
        .post("/auth/refresh")
        .json(json!({ "refresh_token": 7 }))
        .send()
        .must_be_problem(400, "body_invalid");
    assert!(is_logged_in(&server, &server.refresh(&ada.refresh_token)), "the refresh token is still valid");
}

#[test]
fn a_password_change_keeps_only_the_current_session_with_new_tokens() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    let body = json!({ "current_password": PASSWORD, "password": "ten orange kettles" });
    let now = server.put("/users/me/password").by(&here).json(body).send().must_be(200).json();
    for old in [&here, &there] {
        assert!(!is_logged_in(&server, old));
        must_reject_refresh(&server, &old.refresh_token);
    }
    let next = server.refresh(now["refresh_token"].as_str().unwrap());
    assert_eq!(claims(&next.token)["sid"], claims(&here.token)["sid"]);
    assert_eq!(sessions(&server, &next).len(), 1);
}

#[test]
fn a_sensitive_change_requires_a_recent_login() {
    let server = Setup::new().set("auth.step_up_age", "3s").start();
    let mut ada = server.register("ada");
    let draft = json!({ "email": "countess@example.org" });
    let mut tries = 0;
    let response = roster_tests::wait_for("the login to be too old", || {
        tries += 1;
        let draft = json!({ "email": format!("ada{tries}@example.org") });
        let response = server.patch("/users/me").by(&ada).merge_patch(draft).send();
        (response.status() != 200).then_some(response)
    });
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=3";
    assert_eq!(response.header("www-authenticate"), Some(challenge));
    response.must_be_problem(401, "login_too_old");
    ada = server.refresh(&ada.refresh_token);
    let response = server.patch("/users/me").by(&ada).merge_patch(draft.clone()).send();
    response.must_be_problem(401, "login_too_old");
    let body = json!({ "current_password": PASSWORD, "password": "ten orange kettles" });
    server.put("/users/me/password").by(&ada).json(body).send().must_be_problem(401, "login_too_old");
    server.delete("/users/me").by(&ada).send().must_be_problem(401, "login_too_old");
    server.patch("/users/me").by(&ada).merge_patch(json!({ "display_name": "A" })).send().must_be(200);
    let ada = server.log_in("ada", PASSWORD);
    server.patch("/users/me").by(&ada).merge_patch(draft).send().must_be(200);
}

#[test]
fn sessions_survive_a_restart_and_expire() {
    let mut server = Setup::new().set("session.idle_timeout", "2s").set("session.lifetime", "2s").start();
    let ada = server.register("ada");
    server.restart();
    assert!(claims(&ada.token)["exp"].as_i64().unwrap() - claims(&ada.token)["iat"].as_i64().unwrap() <= 2);
    let mut latest = ada.refresh_token;
    let end = roster_tests::wait_for("the session to expire", || {
        let response = server.try_refresh(&latest);
        if response.status() == 200 {
            latest = response.string("refresh_token");
            return None;
        }
        Some(response)
    });
    end.must_be_problem(401, "refresh_token_invalid");
}
