//! The content of a scrape.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;

/// Every metric, with a value.
fn full() -> (Registry, HttpMetrics) {
    let registry = Registry::new("1.2.3").unwrap();
    let http = HttpMetrics::register(&registry).unwrap();
    http.started();
    http.finished("GET", "/users/{id}", 200, Duration::from_millis(2));
    registry
        .accounts(|| AccountState {
            logins: vec![("success", 1), ("bad_credentials", 0)],
            refreshes: vec![("rotated", 2), ("reused", 0)],
            registrations: 1,
            migration_questions: vec![("valid", 3), ("no_answer", 0)],
            migrations: 2,
        })
        .unwrap();
    registry.limits(|| LimitState { rejected: vec![("pair", 2)], entries: 5 }).unwrap();
    registry
        .signing_keys(|| KeyRingState {
            keys: vec![("next", 2), ("active", 1)],
            reloads: 5,
            failures: 0,
            failed: true,
        })
        .unwrap();
    registry.hash_pool(|| HashPoolState { waiting: 3, running: 2, rejected: 1, skipped: 0 }).unwrap();
    let times = registry.hash_times().unwrap();
    times.wait.observe(Duration::from_millis(300));
    times.run.observe(Duration::from_millis(250));
    registry.commit_times().unwrap().observe(Duration::from_micros(700));
    registry.store(store).unwrap();
    (registry, http)
}

fn store() -> StoreState {
    StoreState {
        users: 42,
        sessions: 7,
        weak_hashes: 3,
        peppered_hashes: 2,
        commits: 9,
        conflicts: 1,
        failures: 0,
        syncs: 4,
        written_bytes: 4096,
        journal_bytes: 4096,
        snapshots: 1,
        snapshot_failures: 0,
    }
}

#[test]
fn a_scrape_shows_the_process_the_build_and_everything_registered() {
    let text = full().0.encode().unwrap();
    for line in [
        "roster_users_with_weak_hash 3",
        "roster_users_with_peppered_hash 2",
        "roster_build_info{version=\"1.2.3\"} 1",
        "roster_session_refreshes_total{outcome=\"reused\"} 0",
        "roster_sessions 7",
        "http_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"200\"} 1",
        "http_request_duration_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"0.0025\"} 1",
        "http_requests_in_flight 0",
        "roster_logins_total{outcome=\"success\"} 1",
        "roster_logins_total{outcome=\"bad_credentials\"} 0",
        "roster_registrations_total 1",
        "roster_migration_questions_total{outcome=\"no_answer\"} 0",
        "roster_migrated_users_total 2",
        "roster_limited_requests_total{scope=\"pair\"} 2",
        "roster_limit_entries 5",
        "# TYPE roster_signing_keys gauge",
        "roster_signing_keys{state=\"next\"} 2",
        "roster_signing_key_reloads_total{outcome=\"success\"} 5",
        "roster_signing_key_reload_failed 1",
        "roster_hash_queue_depth 3",
        "roster_hash_wait_seconds_count 1",
        "# TYPE roster_store_commits_total counter",
        "roster_store_commits_total 9",
        "# TYPE roster_store_journal_bytes gauge",
        "# TYPE process_cpu_seconds_total counter",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_pulled_value_is_read_at_each_scrape() {
    let registry = Registry::new("1").unwrap();
    let count = Arc::new(AtomicU64::new(1));
    let source = Arc::clone(&count);
    registry.counter("roster_things_total", "Things.", move || source.load(Ordering::Relaxed)).unwrap();
    assert!(registry.encode().unwrap().contains("\nroster_things_total 1\n"));
    count.store(2, Ordering::Relaxed);
    assert!(registry.encode().unwrap().contains("\nroster_things_total 2\n"));
}

#[test]
fn an_abandoned_request_is_no_longer_in_flight() {
    let (registry, http) = full();
    http.started();
    assert!(registry.encode().unwrap().contains("\nhttp_requests_in_flight 1\n"));
    http.abandoned();
    assert!(registry.encode().unwrap().contains("\nhttp_requests_in_flight 0\n"));
}

#[test]
fn a_name_can_be_registered_once() {
    let registry = Registry::new("1").unwrap();
    registry.gauge("roster_users", "Users.", || 1).unwrap();
    assert!(registry.gauge("roster_users", "Users.", || 1).is_err());
    assert!(registry.gauge("no name", "Users.", || 1).is_err());
}
