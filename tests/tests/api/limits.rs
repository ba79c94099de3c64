//! Rate limits.

use roster_tests::{Engine, PASSWORD, Request, Response, Server, Setup, wait_for};
use serde_json::{Value, json};

fn limited() -> Setup {
    Setup::new()
        .set("limits.enabled", "true")
        .set("limits.first_delay", "1h")
        .set("limits.longest_delay", "1h")
}

/// A server that trusts `X-Forwarded-For` from the test, so that requests can come from any address.
fn behind_a_proxy() -> Server {
    limited().set("server.trusted_proxies", "127.0.0.0/8").start()
}

fn login<'a>(server: &'a Server, name: &str, password: &str) -> Request<'a> {
    server.post("/auth/login").json(json!({ "login": name, "password": password }))
}

fn fail(server: &Server, name: &str, from: &str) -> Response {
    login(server, name, "not this one").header("X-Forwarded-For", from).send()
}

fn fail_five_times(server: &Server, name: &str, from: impl Fn(usize) -> String) {
    for n in 0..5 {
        fail(server, name, &from(n)).must_be_problem(401, "credentials_invalid");
    }
}

/// Everything a client sees except the request id and the date.
fn comparable(response: &Response) -> (u16, Value, Vec<Option<String>>) {
    let mut body = response.json();
    body["request_id"].take();
    let names = ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "cache-control"];
    (response.status(), body, names.map(|name| response.header(name).map(str::to_owned)).into())
}

fn metric(server: &Server, series: &str) -> u64 {
    let text = server.get("/metrics").send().must_be(200).text().to_owned();
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().unwrap()
}

#[test]
fn a_rate_limited_login_has_retry_after_and_hashes_nothing() {
    let server = limited().start();
    let _ = server.register_only("ada");
    fail_five_times(&server, "ada", |_| "ignored".to_owned());
    // The administrator's, ada's, and one for each failed login. A hash is counted just after its response.
    let hashes = wait_for("every hash to be counted", || {
        Some(metric(&server, "roster_hash_run_seconds_count")).filter(|count| *count == 7)
    });
    for _ in 0..50 {
        let response = login(&server, "ada", PASSWORD).send().must_be_problem(429, "too_many_requests");
        let number = |name: &str| response.header(name).unwrap().parse::<u32>().unwrap();
        let wait = number("retry-after");
        assert!((3_590..=3_600).contains(&wait), "{wait}");
        assert_eq!(number("ratelimit-reset"), wait);
        assert_eq!(response.string("detail"), format!("Try again in {wait} s."));
        assert_eq!((number("ratelimit-limit"), number("ratelimit-remaining")), (5, 0));
        assert_eq!(response.media_type(), Some("application/problem+json"));
    }
    assert_eq!(metric(&server, "roster_hash_run_seconds_count"), hashes);
    assert_eq!(metric(&server, "roster_limited_requests_total{scope=\"pair\"}"), 50);
    assert_eq!(metric(&server, "roster_logins_total{outcome=\"limited\"}"), 50);
    // Servers on one database count in the database.
    if Engine::of_this_test() != Engine::Postgres {
        assert!(metric(&server, "roster_limit_entries") >= 1);
    }
}

#[test]
fn known_and_unknown_usernames_are_limited_alike() {
    let server = limited().start();
    let _ = server.register_only("ada");
    let responses = ["ada", "nobody", "ada@example.org", "nobody@example.org", "no name\u{7}"].map(|name| {
        fail_five_times(&server, name, |_| "ignored".to_owned());
        comparable(&fail(&server, name, "ignored").must_be_problem(429, "too_many_requests"))
    });
    for response in &responses[1..] {
        assert_eq!(response, &responses[0]);
    }
}

#[test]
fn untrusted_forwarded_addresses_count_as_one_client_and_are_logged_once() {
    let server = limited().start();
    fail_five_times(&server, "ada", |n| format!("198.51.100.{n}"));
    for n in 5..10 {
        fail(&server, "ada", &format!("198.51.100.{n}")).must_be_problem(429, "too_many_requests");
    }
    let logged = || server.stderr().matches("server.trusted_proxies").count();
    // Log lines are written in batches, a moment after the response.
    wait_for("the line in the log", || (logged() > 0).then_some(()));
    assert_eq!(logged(), 1);
}

#[test]
fn only_the_address_appended_by_a_trusted_proxy_counts() {
    let server = behind_a_proxy();
    fail_five_times(&server, "ada", |n| format!("198.51.100.{n}, 203.0.113.9"));
    fail(&server, "ada", "198.51.100.99, 203.0.113.9").must_be_problem(429, "too_many_requests");
    fail(&server, "ada", "203.0.113.9, 198.51.100.99").must_be_problem(401, "credentials_invalid");
    assert!(!server.stderr().contains("server.trusted_proxies"));
}

#[test]
fn a_client_that_rotates_addresses_within_its_64_prefix_is_one_client() {
    let server = behind_a_proxy();
    fail_five_times(&server, "ada", |n| format!("2001:db8:0:7:{n}::{n}"));
    fail(&server, "ada", "2001:db8:0:7:ffff::1").must_be_problem(429, "too_many_requests");
    fail(&server, "ada", "2001:db8:0:8::1").must_be_problem(401, "credentials_invalid");
}

#[test]
fn a_user_can_log_in_from_a_known_address_during_an_attack_on_their_name() {
    let setup =
        limited().set("server.trusted_proxies", "127.0.0.0/8").set("limits.failures_by_login", "20/1h");
    let server = setup.start();
    let _ = server.register_only("ada");
    let from = |address: &str| login(&server, "ada", PASSWORD).header("X-Forwarded-For", address).send();
    from("192.0.2.7").must_be(200);
    for n in 0..20 {
        fail(&server, "ada", &format!("198.51.100.{n}")).must_be_problem(401, "credentials_invalid");
    }
    fail(&server, "ada", "198.51.100.200").must_be_problem(429, "too_many_requests");
    from("198.51.100.201").must_be_problem(429, "too_many_requests");
    from("192.0.2.7").must_be(200);
}

#[test]
fn a_correct_password_resets_the_counter() {
    let server = limited().start();
    let _ = server.register_only("ada");
    for _ in 0..3 {
        for _ in 0..4 {
            login(&server, "ada", "not this one").send().must_be_problem(401, "credentials_invalid");
        }
        login(&server, "ADA", PASSWORD).send().must_be(200);
    }
}

#[test]
fn registrations_per_client_are_limited_except_for_administrators() {
    let server = limited().set("limits.registrations_by_ip", "3/1h").start();
    let admin = server.admin();
    let body = |name: &str| json!({ "username": name, "password": PASSWORD });
    let register = |name: &str| server.post("/users").json(body(name)).send();
    register("one").must_be(201);
    register("one").must_be_problem(409, "username_taken");
    register("two").must_be(201);
    register("three").must_be_problem(429, "too_many_requests");
    register("one").must_be_problem(429, "too_many_requests");
    for n in 0..5 {
        server.post("/users").by(&admin).json(body(&format!("made{n}"))).send().must_be(201);
    }
}

#[test]
fn successful_requests_count_towards_the_client_limit() {
    let server = limited().set("limits.requests_by_ip", "10/1h").start();
    let _ = server.register_only("ada");
    for _ in 0..9 {
        login(&server, "ada", PASSWORD).send().must_be(200);
    }
    let response = login(&server, "ada", PASSWORD).send().must_be_problem(429, "too_many_requests");
    assert_eq!(response.header("ratelimit-limit"), Some("10"));
}

#[test]
fn a_stolen_token_cannot_guess_the_password_indefinitely() {
    let server = limited().start();
    let ada = server.register("ada");
    let change = |current: &str| {
        let body = json!({ "current_password": current, "password": "seven green lamps" });
        server.put("/users/me/password").by(&ada).json(body).send()
    };
    for _ in 0..5 {
        change("not this one").must_be_problem(403, "current_password_wrong");
    }
    change(PASSWORD).must_be_problem(429, "too_many_requests");
    login(&server, "ada", PASSWORD).send().must_be(200);
}

#[test]
fn limits_can_be_disabled() {
    let server = limited().set("limits.enabled", "false").start();
    for _ in 0..30 {
        login(&server, "ada", "not this one").send().must_be_problem(401, "credentials_invalid");
    }
}

#[test]
fn a_flood_of_failures_is_summarised_in_few_audit_records() {
    let mut server = Server::start();
    let ada = server.register("ada");
    let commits = metric(&server, "roster_store_commits_total");
    for _ in 0..100 {
        server.try_log_in("ada", "not this one").must_be(401);
        server.try_log_in("nobody", "not this one").must_be(401);
    }
    let added = metric(&server, "roster_store_commits_total") - commits;
    assert!(added <= 10, "{added} commits for 200 failures");
    server.stop();
    let log = server.audit_log();
    let failures: Vec<_> = log.iter().filter(|record| record["outcome"] == "bad_credentials").collect();
    let count_of = |target: Option<&str>| -> u64 {
        let about = failures.iter().filter(|record| record["target"].as_str() == target);
        about.map(|record| record["count"].as_u64().unwrap_or(1)).sum()
    };
    assert_eq!((count_of(Some(&ada.id)), count_of(None)), (100, 100));
    assert!(failures.len() <= 10, "{failures:?}");
}
