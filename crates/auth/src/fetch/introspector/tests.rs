use super::*;
use crate::fetch::stub::{Reply, Stub, until};
use std::sync::mpsc;

const NEVER: Duration = Duration::from_hours(1);
const TOKEN: &str = "a.token/to+ask";

fn settings(stub: &Stub) -> IntrospectorSettings {
    IntrospectorSettings::bearer(stub.endpoint(), "rk_key_secret".to_owned())
}

/// Caches responses forever.
fn introspector(stub: &Stub) -> Introspector {
    Introspector::start(IntrospectorSettings { cache_for: NEVER, ..settings(stub) }).unwrap()
}

fn active(active: bool) -> impl Fn(&str) -> Reply + Send + 'static {
    move |_: &str| Reply::json(format!("{{\"active\":{active},\"sub\":\"x\"}}"))
}

#[test]
fn the_issuer_decides() {
    for verdict in [true, false] {
        let stub = Stub::start(active(verdict));
        assert_eq!(introspector(&stub).is_active_blocking(TOKEN), Ok(verdict));
    }
}

#[test]
fn queries_follow_rfc_7662() {
    let (sender, requests) = mpsc::channel();
    let stub = Stub::start(move |request| {
        sender.send(request.to_owned()).unwrap();
        active(true)("")
    });
    let client = IntrospectorSettings::client(stub.endpoint(), "an id", "a:secret".to_owned());
    // `an+id:a%3Asecret`
    for (settings, credential) in
        [(settings(&stub), "Bearer rk_key_secret"), (client, "Basic YW4raWQ6YSUzQXNlY3JldA==")]
    {
        Introspector::start(settings).unwrap().is_active_blocking(TOKEN).unwrap();
        let request = requests.recv().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
        for line in [format!("authorization: {credential}"), "accept: application/json".to_owned()] {
            assert!(head.lines().any(|other| other == line), "{head}");
        }
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        assert_eq!(body, "token=a.token%2Fto%2Bask");
    }
}

#[test]
fn a_token_that_is_too_long_is_inactive_without_a_query() {
    let stub = Stub::start(active(true));
    let token = "x".repeat(TokenVerifier::MAX_BYTES + 1);
    assert_eq!((introspector(&stub).is_active_blocking(&token), stub.asked()), (Ok(false), 0));
}

#[test]
fn a_response_is_cached_briefly_and_for_its_token_only() {
    let stub = Stub::start(active(true));
    let introspector = introspector(&stub);
    for _ in 0..3 {
        assert_eq!(introspector.is_active_blocking(TOKEN), Ok(true));
    }
    assert_eq!(stub.asked(), 1);
    stub.now(active(false));
    assert_eq!(introspector.is_active_blocking("another token"), Ok(false));
    assert_eq!((introspector.is_active_blocking(TOKEN), stub.asked()), (Ok(true), 2));
}

#[test]
fn without_caching_a_revocation_takes_effect_at_once() {
    let stub = Stub::start(active(true));
    let settings = IntrospectorSettings { cache_for: Duration::ZERO, ..settings(&stub) };
    let introspector = Introspector::start(settings).unwrap();
    assert_eq!(introspector.is_active_blocking(TOKEN), Ok(true));
    stub.now(active(false));
    assert_eq!((introspector.is_active_blocking(TOKEN), stub.asked()), (Ok(false), 2));
}

#[test]
fn requests_with_one_token_share_one_query() {
    let (go, gate) = mpsc::channel::<()>();
    let stub = Stub::start(move |_| {
        let _ = gate.recv();
        active(true)("")
    });
    let introspector = introspector(&stub);
    let fingerprint = introspector.0.fingerprinter.fingerprint(TOKEN);
    let waiting = || introspector.0.state.lock().waiting.get(&fingerprint).map_or(0, Vec::len);
    thread::scope(|scope| {
        let asking: Vec<_> =
            (0..20).map(|_| scope.spawn(|| introspector.is_active_blocking(TOKEN))).collect();
        until("all to wait", || waiting() == 20);
        go.send(()).unwrap();
        for asking in asking {
            assert_eq!(asking.join().unwrap(), Ok(true));
        }
    });
    assert_eq!(stub.asked(), 1);
}

#[test]
fn without_a_response_requests_are_rejected_and_queries_pause() {
    let failures: [fn(&str) -> Reply; 6] = [
        |_| Reply::status("500 Internal Server Error"),
        |_| Reply::status("401 Unauthorized"),
        |_| Reply::redirect("location: http://127.0.0.1:1/\r\n"),
        |_| Reply::json("{}"),
        |_| Reply::json("{\"active\":\"true\"}"),
        |_| Reply::json("active"),
    ];
    for failure in failures {
        let stub = Stub::start(failure);
        let introspector = introspector(&stub);
        assert_eq!(introspector.is_active_blocking(TOKEN), Err(IssuerUnavailable));
        let paused = introspector.0.state.lock().pause.replace(Instant::now() + NEVER);
        assert!(paused.is_some(), "it pauses by itself");
        assert_eq!(introspector.is_active_blocking("another token"), Err(IssuerUnavailable));
        assert_eq!(stub.asked(), 1);
        stub.now(active(true));
        introspector.0.state.lock().pause = Some(Instant::now());
        assert_eq!(introspector.is_active_blocking(TOKEN), Ok(true), "a failure is not cached");
    }
}

#[test]
fn its_threads_end_with_it() {
    let stub = Stub::start(active(true));
    let introspector = introspector(&stub);
    let shared = Arc::downgrade(&introspector.0);
    drop(introspector);
    until("the threads to end", || shared.strong_count() == 0);
}

#[test]
fn debug_hides_the_credential() {
    let stub = Stub::start(active(true));
    let shown = format!("{:?} {:?}", settings(&stub), introspector(&stub));
    assert!(!shown.contains("rk_"), "{shown}");
}
