//! What the log contains and what it must not contain.

use crate::oauth::{basic, form, service_account};
use roster_tests::{ADMIN_PASSWORD, PASSWORD, SECRET, Server, Setup};
use serde_json::{Value, json};

/// Secrets that [`send_secrets`] sends, and parts of password hashes.
const SECRETS: [&str; 12] = [
    PASSWORD,
    ADMIN_PASSWORD,
    SECRET,
    "seven green lamps",
    "wr0ng-password",
    "f0rm-password",
    "sh4pe-fault",
    "br0ken-json",
    "t4mpered-token",
    "$2b$",
    "hash\":\"",
    "qu3ry-value",
];

/// Sends secrets in every possible place and returns them.
fn send_secrets(server: &Server) -> Vec<String> {
    let admin = server.admin();
    let ada = server.register("ada");
    server.try_log_in("ada", "wr0ng-password-guess").must_be(401);
    server.post("/auth/login").form("username=ada&password=f0rm-password-guess").send().must_be(401);
    server
        .post("/users")
        .json(json!({ "username": "b", "password": ["sh4pe-fault-password"] }))
        .send()
        .must_be(400);
    server
        .post("/users")
        .bytes("application/json", r#"{"password": "br0ken-json-password"#)
        .send()
        .must_be(400);
    let change = json!({ "current_password": PASSWORD, "password": "seven green lamps" });
    let response = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    server.get("/users/me").bearer(&ada.token).send().must_be(401);
    server.get("/users/me").bearer("aaaa.t4mpered-token.cccc").send().must_be(401);
    server.get("/users?q=qu3ry-value").by(&admin).send().must_be(200);
    server.delete(&ada.path()).by(&admin).send().must_be(204);
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let signatures =
        [&admin.token, &ada.token, &response.string("access_token")].map(|token| signature(token));
    SECRETS.map(str::to_owned).into_iter().chain(signatures).collect()
}

#[test]
fn no_log_level_contains_passwords_tokens_or_hashes() {
    for (level, format) in [("trace", "json"), ("trace", "pretty"), ("info", "json")] {
        let mut server = Setup::new().set("log.level", level).set("log.format", format).start();
        let secrets = send_secrets(&server);
        assert!(server.stop().success());
        let log = server.stderr() + &server.stdout();
        assert!(log.contains("/users/{id}"), "requests are logged: {log}");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{level} {format}: {secret}");
        }
    }
}

/// The only log line of a request.
fn line(log: &str, id: &str) -> Value {
    let mut lines = log.lines().filter(|line| line.contains(&format!("\"{id}\"")));
    let line = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(lines.next(), None);
    line
}

#[test]
fn each_request_is_logged_as_one_json_line() {
    let mut server = Server::start();
    let ada = server.register("ada");
    server.get("/users/me").by(&ada).header("X-Request-Id", "log-1").send().must_be(200);
    server.get("/nowhere/secret-path").header("X-Request-Id", "log-2").send().must_be(404);
    assert!(server.stop().success());
    let log = server.stderr();
    let found = line(&log, "log-1").to_string();
    for part in ["/users/{id}", "200", "latency", &ada.id, "127.0.0.1", "GET"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let missed = line(&log, "log-2").to_string();
    assert!(missed.contains("unmatched") && !missed.contains("secret-path"), "{missed}");
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
}

#[test]
fn a_health_probe_is_only_logged_at_debug() {
    for (level, probes) in [("info", 0), ("debug", 3)] {
        let mut server = Setup::new().set("log.level", level).start();
        for path in ["/health", "/health/live", "/health/ready"] {
            server.get(path).send().must_be(200);
        }
        server.get("/users/me").header("X-Request-Id", "no-probe").send().must_be(401);
        assert!(server.stop().success());
        let log = server.stderr();
        let lines = log.lines().filter(|line| line.contains("roster::access") && line.contains("\"/health"));
        assert_eq!(lines.count(), probes, "{level}: {log}");
        assert!(log.contains("no-probe"), "{level}: {log}");
    }
}

#[test]
fn stdout_contains_only_the_listening_address() {
    let mut server = Server::start();
    let url = server.url("");
    let _ = server.register("ada");
    assert!(server.stop().success());
    assert_eq!(server.stdout().lines().collect::<Vec<_>>(), [format!("listening on {url}")]);
}

#[test]
fn a_service_account_is_logged_with_its_key_for_every_authentication_method() {
    let mut server = Server::start();
    let admin = server.admin();
    let backup = service_account(&server, &admin, "backup", &["users:read", "tokens:introspect"]);
    let token = backup.token(&server, &[]).must_be(200).string("access_token");
    server.get("/users").bearer(&backup.secret).header("X-Request-Id", "by-key").send().must_be(200);
    server.get("/users").bearer(&token).header("X-Request-Id", "by-token").send().must_be(200);
    let post = server.post("/oauth/introspect").header("X-Request-Id", "by-basic");
    let post = post.header("Authorization", basic(&backup.id, &backup.secret));
    post.form(&form(&[("token", &token)])).send().must_be(200);
    assert!(server.stop().success());
    let key = backup.key_path.rsplit('/').next().unwrap();
    for id in ["by-key", "by-token", "by-basic"] {
        let line = line(&server.stderr(), id);
        assert_eq!((&line["principal"], &line["api_key"]), (&json!(backup.id), &json!(key)), "{id}");
    }
}
