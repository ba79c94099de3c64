//! Sessions: going on, being seen, being ended.

use crate::concurrency::at_once;
use crate::machines::{account, key};
use crate::minting::claims;
use roster_tests::{PASSWORD, Person, Server, Setup};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn is_in(server: &Server, person: &Person) -> bool {
    server.get("/users/me").by(person).send().status() == 200
}

fn sessions(server: &Server, person: &Person) -> Vec<Value> {
    let list = server.get("/users/me/sessions").by(person).send().must_be(200).json();
    list["data"].as_array().unwrap().clone()
}

fn is_refused(server: &Server, refresh_token: &str) {
    let answer = server.try_refresh(refresh_token);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    answer.refused(401, "refresh_token_invalid");
}

#[test]
fn a_refresh_answers_as_a_login_and_is_not_to_be_stored() {
    let server = Server::start();
    let ada = server.register("ada");
    let answer = server.try_refresh(&ada.refresh_token).must_be(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let next = answer.json();
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
fn a_session_says_when_it_ends_unused_and_when_whatever_happens() {
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
fn a_hundred_refreshes_of_one_token_leave_one_living_session() {
    let server = Server::start();
    let ada = server.register("ada");
    let answers = at_once(100, |_| server.try_refresh(&ada.refresh_token));
    let tokens: BTreeSet<_> =
        answers.into_iter().map(|answer| answer.must_be(200).text_of("refresh_token")).collect();
    assert_eq!(tokens.len(), 1, "all have the live one");
    let ada = server.refresh(tokens.first().unwrap());
    assert_eq!(sessions(&server, &ada).len(), 1);
}

#[test]
fn a_reused_refresh_token_ends_its_session_is_audited_and_counted() {
    let mut server = Setup::new().set("auth.refresh_grace", "0s").start();
    let ada = server.register("ada");
    let thief = server.refresh(&ada.refresh_token);
    is_refused(&server, &ada.refresh_token);
    assert!(!is_in(&server, &thief));
    is_refused(&server, &thief.refresh_token);
    let metrics = server.get("/metrics").send().must_be(200).text().to_owned();
    assert!(metrics.contains("roster_session_refreshes_total{outcome=\"reused\"} 1"), "{metrics}");
    server.stop();
    let log = std::fs::read_to_string(server.data().join("audit.ndjson")).unwrap();
    assert!(log.lines().any(|line| line.contains("token_reused") && line.contains(&ada.id)), "{log}");
}

#[test]
fn a_killed_server_locks_nobody_out_whose_answer_was_lost() {
    let mut server = Server::start();
    let ada = server.register("ada");
    // The answer to this one is lost.
    let _ = server.refresh(&ada.refresh_token);
    server.kill();
    server.restart();
    let again = server.refresh(&ada.refresh_token);
    assert!(is_in(&server, &again));
    assert!(is_in(&server, &server.refresh(&again.refresh_token)));
}

#[test]
fn logging_out_ends_this_session_at_the_next_request() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    server.post("/auth/logout").by(&here).send().must_be(204);
    assert!(!is_in(&server, &here) && is_in(&server, &there));
    is_refused(&server, &here.refresh_token);
    server.post("/auth/logout").by(&here).send().refused(401, "invalid_token");
}

#[test]
fn logging_out_everywhere_ends_all_sessions() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    server.post("/auth/logout").by(&here).json(json!({ "all": true })).send().must_be(204);
    assert!(!is_in(&server, &here) && !is_in(&server, &there));
    is_refused(&server, &there.refresh_token);
}

#[test]
fn a_body_that_says_nothing_sensible_logs_nobody_out() {
    let server = Server::start();
    let ada = server.register("ada");
    for body in [json!({ "all": "yes" }), json!({ "everywhere": true }), json!([])] {
        let answer = server.post("/auth/logout").by(&ada).json(body).send();
        assert_eq!(answer.status(), 400, "{}", answer.summary());
    }
    assert!(is_in(&server, &ada));
}

#[test]
fn one_session_the_others_or_all_can_be_revoked() {
    let server = Server::start();
    let (ada, second, third) =
        (server.register("ada"), server.log_in("ada", PASSWORD), server.log_in("ada", PASSWORD));
    let id = claims(&second.token)["sid"].as_str().unwrap().to_owned();
    let path = format!("/users/me/sessions/{id}");
    server.delete(&path).by(&ada).send().must_be(204);
    assert!(is_in(&server, &ada) && !is_in(&server, &second) && is_in(&server, &third));
    server.delete(&path).by(&ada).send().refused(404, "session_not_found");
    server.delete("/users/me/sessions?except=current").by(&ada).send().must_be(204);
    assert!(is_in(&server, &ada) && !is_in(&server, &third));
    server.delete("/users/me/sessions").by(&ada).send().must_be(204);
    assert!(!is_in(&server, &ada));
}

#[test]
fn an_administrator_sees_and_revokes_anybodys_sessions_and_nobody_else_does() {
    let server = Server::start();
    let (ada, bob, root) = (server.register("ada"), server.register("bob"), server.admin());
    let path = format!("{}/sessions", ada.path());
    server.get(&path).by(&bob).send().refused(403, "permission_denied");
    server.delete(&path).by(&bob).send().refused(403, "permission_denied");
    let own = claims(&bob.token)["sid"].as_str().unwrap().to_owned();
    let swapped = format!("{path}/{own}");
    server.delete(&swapped).by(&root).send().refused(404, "session_not_found");
    let list = server.get(&path).by(&root).send().must_be(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["current"], false);
    server.delete(&path).by(&root).send().must_be(204);
    assert!(!is_in(&server, &ada) && is_in(&server, &bob));
}

#[test]
fn nobody_keeps_their_own_session_among_those_of_somebody_else() {
    let server = Server::start();
    let (ada, root) = (server.register("ada"), server.admin());
    let account = account(&server, &root, "janitor", &["sessions:manage"]);
    let (machine, _) = key(&server, &root, &account);
    let path = format!("{}/sessions?except=current", ada.path());
    for token in [&root.token, &machine] {
        let refused = server.delete(&path).bearer(token).send().refused(400, "parameter_invalid");
        assert_eq!(refused.faults(), [("except".to_owned(), "except_not_theirs".to_owned())]);
    }
    assert!(is_in(&server, &ada) && is_in(&server, &root));
}

#[test]
fn a_path_that_names_no_session_is_a_400() {
    let server = Server::start();
    let ada = server.register("ada");
    server.delete("/users/me/sessions/1").by(&ada).send().refused(400, "id_invalid");
    server.delete("/users/me/sessions?except=me").by(&ada).send().refused(400, "parameter_invalid");
    server.delete("/users/me/sessions?all=1").by(&ada).send().refused(400, "unknown_parameter");
}

#[test]
fn neither_token_serves_in_the_place_of_the_other() {
    let server = Server::start();
    let ada = server.register("ada");
    server.get("/users/me").bearer(&ada.refresh_token).send().refused(401, "invalid_token");
    is_refused(&server, &ada.token);
    is_refused(&server, "");
    is_refused(&server, &format!("{}=", ada.refresh_token));
    server.post("/auth/refresh").json(json!({})).send().refused(400, "validation_failed");
    server.post("/auth/refresh").json(json!({ "refresh_token": 7 })).send().refused(400, "body_invalid");
    assert!(is_in(&server, &server.refresh(&ada.refresh_token)), "none of it spent the right one");
}

#[test]
fn a_changed_password_keeps_this_session_only_with_new_tokens() {
    let server = Server::start();
    let (here, there) = (server.register("ada"), server.log_in("ada", PASSWORD));
    let body = json!({ "current_password": PASSWORD, "password": "ten orange kettles" });
    let now = server.put("/users/me/password").by(&here).json(body).send().must_be(200).json();
    for old in [&here, &there] {
        assert!(!is_in(&server, old));
        is_refused(&server, &old.refresh_token);
    }
    let next = server.refresh(now["refresh_token"].as_str().unwrap());
    assert_eq!(claims(&next.token)["sid"], claims(&here.token)["sid"]);
    assert_eq!(sessions(&server, &next).len(), 1);
}

#[test]
fn a_sensitive_change_with_an_old_login_is_challenged() {
    let server = Setup::new().set("auth.step_up_age", "3s").start();
    let mut ada = server.register("ada");
    let draft = json!({ "email": "countess@example.org" });
    let mut tries = 0;
    let answer = roster_tests::until("the login is too old", || {
        tries += 1;
        let draft = json!({ "email": format!("ada{tries}@example.org") });
        let answer = server.patch("/users/me").by(&ada).merge_patch(draft).send();
        (answer.status() != 200).then_some(answer)
    });
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=3";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    answer.refused(401, "login_too_old");
    ada = server.refresh(&ada.refresh_token);
    let answer = server.patch("/users/me").by(&ada).merge_patch(draft.clone()).send();
    answer.refused(401, "login_too_old");
    let body = json!({ "current_password": PASSWORD, "password": "ten orange kettles" });
    server.put("/users/me/password").by(&ada).json(body).send().refused(401, "login_too_old");
    server.delete("/users/me").by(&ada).send().refused(401, "login_too_old");
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
    let end = roster_tests::until("the session is over", || {
        let answer = server.try_refresh(&latest);
        if answer.status() == 200 {
            latest = answer.text_of("refresh_token");
            return None;
        }
        Some(answer)
    });
    end.refused(401, "refresh_token_invalid");
}
