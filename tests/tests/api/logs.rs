//! What the log says, and never says.

use crate::oauth::{basic, form, machine};
use roster_tests::{ADMIN_PASSWORD, PASSWORD, SECRET, Server, Setup};
use serde_json::{Value, json};

/// A session in which every secret comes along every way it can.
fn session(server: &Server) -> Vec<String> {
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
    let answer = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    server.get("/users/me").bearer(&ada.token).send().must_be(401);
    server.get("/users/me").bearer("aaaa.t4mpered-token.cccc").send().must_be(401);
    server.get("/users?q=qu3ry-value").by(&admin).send().must_be(200);
    server.delete(&ada.path()).by(&admin).send().must_be(204);
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let mut secrets: Vec<_> = [
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
    ]
    .map(str::to_owned)
    .into();
    secrets.extend([&admin.token, &ada.token, &answer.text_of("access_token")].map(|token| signature(token)));
    secrets
}

#[test]
fn at_no_level_does_it_say_a_password_a_token_or_a_hash() {
    for (level, format) in [("trace", "json"), ("trace", "pretty"), ("info", "json")] {
        let mut server = Setup::new().set("log.level", level).set("log.format", format).start();
        let secrets = session(&server);
        assert!(server.stop().success());
        let said = server.stderr() + &server.stdout();
        assert!(said.contains("/users/{id}"), "it does log: {said}");
        for secret in secrets {
            let line = said.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{level} {format}: {secret}");
        }
    }
}

/// The one line of a request in the log.
fn line(said: &str, id: &str) -> Value {
    let mut lines = said.lines().filter(|line| line.contains(&format!("\"{id}\"")));
    let line = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(lines.next(), None);
    line
}

#[test]
fn each_request_is_one_line_of_json_with_route_status_latency_id_and_caller() {
    let mut server = Server::start();
    let ada = server.register("ada");
    server.get("/users/me").by(&ada).header("X-Request-Id", "log-1").send().must_be(200);
    server.get("/nowhere/secret-path").header("X-Request-Id", "log-2").send().must_be(404);
    assert!(server.stop().success());
    let said = server.stderr();
    let found = line(&said, "log-1").to_string();
    for part in ["/users/{id}", "200", "latency", &ada.id, "127.0.0.1", "GET"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let missed = line(&said, "log-2").to_string();
    assert!(missed.contains("unmatched") && !missed.contains("secret-path"), "{missed}");
    assert!(said.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{said}");
}

#[test]
fn a_probe_is_logged_at_debug_only() {
    for (level, probes) in [("info", 0), ("debug", 3)] {
        let mut server = Setup::new().set("log.level", level).start();
        for path in ["/health", "/health/live", "/health/ready"] {
            server.get(path).send().must_be(200);
        }
        server.get("/users/me").header("X-Request-Id", "no-probe").send().must_be(401);
        assert!(server.stop().success());
        let said = server.stderr();
        let lines = said.lines().filter(|line| line.contains("roster::access") && line.contains("\"/health"));
        assert_eq!(lines.count(), probes, "{level}: {said}");
        assert!(said.contains("no-probe"), "{level}: {said}");
    }
}

#[test]
fn stdout_says_where_it_listens_and_nothing_else() {
    let mut server = Server::start();
    let url = server.url("");
    let _ = server.register("ada");
    assert!(server.stop().success());
    assert_eq!(server.stdout().lines().collect::<Vec<_>>(), [format!("listening on {url}")]);
}

#[test]
fn a_machine_is_named_with_its_key_however_it_shows_it() {
    let mut server = Server::start();
    let admin = server.admin();
    let backup = machine(&server, &admin, "backup", &["users:read", "tokens:introspect"]);
    let token = backup.token(&server, &[]).must_be(200).text_of("access_token");
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
