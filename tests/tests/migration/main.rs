//! Logins of people whom only the old system knows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod old_system;

use old_system::{OldSystem, response};
use roster_tests::{PASSWORD, Server, Setup, wait_for};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "the password in the old system";

fn asking(url: &str, timeout: &str) -> Server {
    let setup = Setup::new().set("migration.verify_url", url).set("migration.verify_secret", SECRET);
    setup.set("migration.timeout", timeout).start()
}

fn valid(user: &Value) -> String {
    json!({ "valid": true, "user": user }).to_string()
}

fn grace() -> Value {
    json!({ "id": 17, "login": "grace", "mail": "grace@example.com", "is_superuser": true, "roles": ["admin"] })
}

/// The status of a login and how long it took.
fn timed(server: &Server, login: &str, password: &str) -> (u16, Duration) {
    let began = Instant::now();
    (server.try_log_in(login, password).status(), began.elapsed())
}

#[test]
fn somebody_whom_only_the_old_system_knows_logs_in_and_no_longer_needs_it() {
    let old = OldSystem::answering_json(&valid(&grace()));
    let mut server = asking(old.url(), "1s");
    let login = server.try_log_in("grace@example.com", OLD).must_be(200).json();
    assert_eq!((&login["user"]["external_id"], &login["user"]["roles"]), (&json!("17"), &json!(["user"])));
    let by_name = |server: &Server| server.try_log_in("grace", OLD).must_be(200).json()["user"]["id"].clone();
    assert_eq!(by_name(&server), login["user"]["id"]);
    assert_eq!(old.questions().len(), 1);
    let metrics = server.get("/metrics").send().must_be(200);
    for line in ["roster_migrated_users_total 1", "roster_migration_questions_total{outcome=\"valid\"} 1"] {
        assert!(metrics.text().lines().any(|shown| shown == line), "{line}\n{}", metrics.text());
    }
    let admin = server.admin();
    let page = server.get("/audit?action=user_migrated").by(&admin).send().must_be(200).json();
    let [record] = page["data"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert_eq!(record["target"]["id"], login["user"]["id"]);
    server.restart_with(|setup| setup.set("migration.verify_url", ""));
    assert_eq!(by_name(&server), login["user"]["id"]);
    assert!(server.stop().success());
    let stored = server.stored_users();
    let user = stored.iter().find(|user| user["username"] == "grace").unwrap();
    assert!(user["credential"]["password"].as_str().unwrap().starts_with("$2b$04$"), "{user}");
}

#[test]
fn a_question_has_the_login_and_the_password_and_is_signed() {
    let old = OldSystem::answering_json(r#"{"valid": false}"#);
    let server = asking(old.url(), "1s");
    server.try_log_in("Grace", "cafe\u{301}\" \\").must_be_problem(401, "credentials_invalid");
    let [question] = old.questions().try_into().unwrap();
    assert_eq!(question.line, "POST /verify HTTP/1.1");
    let body: Value = serde_json::from_str(&question.body).unwrap();
    assert_eq!(body, json!({ "login": "Grace", "password": "cafe\u{301}\" \\" }));
    assert_eq!(question.headers["content-type"], "application/json");
    assert!(question.headers["webhook-id"].starts_with("msg_"));
    assert!(question.headers["webhook-timestamp"].parse::<u64>().is_ok());
    assert!(question.headers["webhook-signature"].starts_with("v1,"));
}

#[test]
fn a_silent_old_system_holds_up_nobody_who_is_here() {
    let old = OldSystem::silent();
    let server = asking(old.url(), "3s");
    let _ = server.register_only("ada");
    std::thread::scope(|scope| {
        let waiting = [(); 8].map(|()| scope.spawn(|| timed(&server, "nobody", OLD)));
        wait_for("the questions", || (old.questions().len() == waiting.len()).then_some(()));
        let (status, took) = timed(&server, "ada", PASSWORD);
        assert!(status == 200 && took < Duration::from_secs(2), "{status} {took:?}");
        for login in waiting {
            let (status, took) = login.join().unwrap();
            assert!(status == 401 && took >= Duration::from_secs(3), "{status} {took:?}");
        }
    });
}

#[test]
fn every_failed_login_takes_the_timeout_while_the_old_system_is_down() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let server = asking(&url, "500ms");
    let _ = server.register_only("ada");
    for login in ["grace", "ada"] {
        let (status, took) = timed(&server, login, OLD);
        assert!(status == 401 && took >= Duration::from_millis(500), "{login}: {status} {took:?}");
    }
    assert_eq!(timed(&server, "ada", PASSWORD).0, 200);
}

#[test]
fn everything_but_a_complete_answer_with_200_is_no_answer() {
    let good = valid(&grace());
    let elsewhere = OldSystem::answering_json(&good);
    let redirect = |status: &str| {
        let location = elsewhere.url();
        format!("HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    let padded = |len: usize| format!("{good}{}", " ".repeat(len - good.len()));
    for reply in [
        redirect("302 Found"),
        redirect("307 Temporary Redirect"),
        response("201 Created", &good),
        response("500 Internal Server Error", &good),
        response("200 OK", "{\"valid\": true}"),
        response("200 OK", "<html>"),
        response("200 OK", &padded(64 * 1024 + 1)),
        "not HTTP\r\n\r\n".to_owned(),
    ] {
        let old = OldSystem::answering(reply.clone());
        let server = asking(old.url(), "1s");
        server.try_log_in("grace", OLD).must_be(401);
        assert_eq!(old.questions().len(), 1, "{reply}");
    }
    assert!(elsewhere.questions().is_empty(), "a redirect is not followed");
    let old = OldSystem::answering_json(&padded(64 * 1024));
    asking(old.url(), "1s").try_log_in("grace", OLD).must_be(200);
}

#[test]
fn an_http_proxy_in_the_environment_does_not_see_the_password() {
    let (proxy, old) = (OldSystem::silent(), OldSystem::answering_json(&valid(&grace())));
    let setup = Setup::new().set("migration.verify_url", old.url()).set("migration.verify_secret", SECRET);
    let proxy_url = proxy.url().trim_end_matches("/verify");
    let server =
        setup.env("http_proxy", proxy_url).env("HTTP_PROXY", proxy_url).env("ALL_PROXY", proxy_url).start();
    server.try_log_in("grace", OLD).must_be(200);
    assert!(proxy.questions().is_empty());
}
