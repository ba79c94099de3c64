//! `GET /metrics`.

use roster_tests::{PASSWORD, Server, Setup, raw};
use std::collections::BTreeSet;

fn scrape(server: &Server) -> String {
    server.get("/metrics").send().must_be(200).text().to_owned()
}

/// The value of a series, which is named with its labels.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().unwrap()
}

fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn a_scrape_counts_requests_and_logins() {
    let server = Server::start();
    let ada = server.register("ada");
    server.try_log_in("ada", "not this one").must_be(401);
    server.get(&ada.path()).by(&ada).send().must_be(200);
    let text = scrape(&server);
    for (series, least) in [
        ("roster_registrations_total", 1.0),
        ("http_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"200\"}", 1.0),
        ("http_requests_total{method=\"POST\",route=\"/users\",status=\"201\"}", 1.0),
        ("http_request_duration_seconds_count{method=\"GET\",route=\"/users/{id}\"}", 1.0),
        ("http_requests_in_flight", 1.0),
        ("roster_store_commits_total", 3.0),
        ("roster_store_syncs_total", 1.0),
        ("roster_hash_queue_depth", 0.0),
        ("process_resident_memory_bytes", 1e6),
    ] {
        assert!(value(&text, series) >= least, "{series}\n{text}");
    }
    let logins: Vec<_> = text.lines().filter(|line| line.starts_with("roster_logins_total{")).collect();
    assert_eq!(logins.iter().filter(|line| line.ends_with(" 1")).count(), 2, "{logins:?}");
    assert!(text.contains("roster_build_info{version="));
}

#[test]
fn random_paths_and_methods_add_no_series() {
    let server = Server::start();
    let ada = server.register("ada");
    let provoke = |word: &str| {
        server.get(&format!("/{word}")).send().must_be(404);
        server.get(&format!("/users/{word}")).by(&ada).send().must_be(400);
        server.get(&format!("/docs/{word}")).send().must_be(404);
        server.request(&word.to_uppercase(), "/users").send().must_be(405);
        server.request(&word.to_uppercase(), &format!("/{word}")).send().must_be(404);
        server.try_log_in(word, PASSWORD).must_be(401);
        let bytes = format!("{word} /{word} HTTP/1.1\r\nHost: {word}\r\nConnection: close\r\n\r\n");
        let _ = raw::send(server.address(), bytes.as_bytes());
    };
    provoke("first");
    let _ = scrape(&server);
    let before = series(&scrape(&server));
    for word in ["second", "third", "fourth", "x-1"] {
        provoke(word);
    }
    let after = series(&scrape(&server));
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn no_metric_label_identifies_a_user() {
    let server = Server::start();
    let ada = server.register("ada-lovelace");
    server.get(&ada.path()).by(&ada).send().must_be(200);
    let text = scrape(&server);
    assert!(!text.contains("ada-lovelace") && !text.contains(&ada.id), "{text}");
}

#[test]
fn protected_metrics_require_a_permission() {
    let server = Setup::new().set("metrics.access", "bearer").start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.get("/metrics").send().must_be_problem(401, "authentication_required");
    server.get("/metrics").bearer("nonsense").send().must_be_problem(401, "invalid_token");
    server.get("/metrics").by(&ada).send().must_be_problem(403, "permission_denied");
    server.get("/metrics").by(&admin).send().must_be(200);
}

#[test]
fn disabled_metrics_are_a_404() {
    let server = Setup::new().set("metrics.access", "off").start();
    server.get("/metrics").send().must_be_problem(404, "not_found");
    server.get("/metrics").by(&server.admin()).send().must_be_problem(404, "not_found");
}

#[test]
fn metrics_are_in_the_prometheus_text_format() {
    let server = Server::start();
    let response = server.get("/metrics").send().must_be(200);
    assert_eq!(response.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in response.text().lines().filter(|line| !line.starts_with('#')) {
        let number = line.rsplit_once(' ').unwrap().1;
        assert!(number.parse::<f64>().is_ok(), "{line}");
    }
}
