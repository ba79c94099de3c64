use super::*;
use crate::fetch::stub::{Reply, Stub, until};
use crate::test_kit::TestIssuer;
use crate::token::VerifierSettings;
use crate::{Clock as _, SystemClock};
use std::sync::mpsc;

const NEVER: Duration = Duration::from_hours(1);

fn verifier() -> TokenVerifier {
    TokenVerifier::new(KeySet::default(), VerifierSettings::new(TestIssuer::ISSUER, "orders"))
}

/// Fetches at the start, and after that only if a token asks for it and `floor` has passed.
fn fetcher(stub: &Stub, floor: Duration) -> KeyFetcher {
    let settings =
        KeyFetcherSettings { floor, refresh_every: NEVER, ..KeyFetcherSettings::new(stub.endpoint()) };
    KeyFetcher::start(verifier(), settings).unwrap()
}

fn publishing(issuer: &TestIssuer) -> impl Fn(&str) -> Reply + Send + 'static {
    let jwks = issuer.jwks();
    move |_: &str| Reply::json(jwks.clone())
}

fn verify(fetcher: &KeyFetcher, issuer: &TestIssuer) -> Option<AuthError> {
    fetcher.verify_blocking(&issuer.token().mint(), SystemClock.now()).err()
}

const UNKNOWN_KEY: Option<AuthError> = Some(AuthError::Rejected(TokenRejected::Key));

#[test]
fn the_first_token_waits_for_the_keys() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, NEVER);
    assert_eq!(verify(&fetcher, &issuer), None);
    assert!(fetcher.is_current());
    assert_eq!((fetcher.verifier().keys().len(), stub.asked()), (1, 1));
}

#[test]
fn a_new_key_is_fetched_at_once() {
    let (old, new) = (TestIssuer::new("orders"), TestIssuer::new("orders"));
    let stub = Stub::start(publishing(&old));
    let fetcher = fetcher(&stub, Duration::ZERO);
    assert_eq!(verify(&fetcher, &old), None);
    stub.now(publishing(&new));
    assert_eq!(verify(&fetcher, &new), None);
    assert_eq!(verify(&fetcher, &old), UNKNOWN_KEY, "what is no longer published is gone");
}

#[test]
fn fetches_are_never_more_frequent_than_the_floor() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, NEVER);
    assert_eq!(verify(&fetcher, &issuer), None);
    for _ in 0..50 {
        assert_eq!(verify(&fetcher, &TestIssuer::new("orders")), UNKNOWN_KEY);
    }
    assert_eq!(stub.asked(), 1);
}

#[test]
fn a_key_that_arrived_meanwhile_is_not_fetched_again() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, Duration::ZERO);
    assert_eq!(verify(&fetcher, &issuer), None);
    assert!(fetcher.0.ask(&issuer.token().mint()).is_none());
    assert_eq!(stub.asked(), 1);
}

#[test]
fn a_token_that_is_bad_for_another_reason_triggers_no_fetch() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, Duration::ZERO);
    assert_eq!(verify(&fetcher, &issuer), None);
    let now = SystemClock.now();
    for token in
        [issuer.token().expired().mint(), issuer.token().audience("other").mint(), "a.b.c".to_owned()]
    {
        assert!(fetcher.verify_blocking(&token, now).is_err());
    }
    assert_eq!(stub.asked(), 1);
}

#[test]
fn the_last_keys_stay_in_use_while_the_issuer_fails() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, Duration::ZERO);
    assert_eq!(verify(&fetcher, &issuer), None);
    let failures: [fn(&str) -> Reply; 6] = [
        |_| Reply::status("500 Internal Server Error"),
        |_| Reply::status("404 Not Found"),
        |_| Reply::redirect("location: http://127.0.0.1:1/\r\n"),
        |_| Reply::json("{\"keys\":"),
        |_| Reply::json("[]"),
        |_| Reply::json(format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300_000))),
    ];
    for failure in failures {
        stub.now(failure);
        let unavailable = Some(AuthError::Unavailable { retry_after: Duration::ZERO });
        assert_eq!(
            verify(&fetcher, &TestIssuer::new("orders")),
            unavailable,
            "an unknown key may be a new one"
        );
        assert!(!fetcher.is_current());
        assert_eq!(verify(&fetcher, &issuer), None);
    }
}

#[test]
fn without_keys_requests_are_unavailable_rather_than_unauthorized() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(|_| Reply::status("503 Service Unavailable"));
    let fetcher = fetcher(&stub, NEVER);
    for _ in 0..2 {
        assert_eq!(verify(&fetcher, &issuer), Some(AuthError::Unavailable { retry_after: NEVER }));
    }
}

#[test]
fn keys_from_before_the_first_fetch_work_at_once() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(|_| Reply::status("503 Service Unavailable"));
    let settings = KeyFetcherSettings::new(stub.endpoint());
    let fetcher = KeyFetcher::start(issuer.verifier(), settings).unwrap();
    assert_eq!(verify(&fetcher, &issuer), None);
}

#[test]
fn a_revoked_key_is_noticed_without_a_request() {
    let (revoked, other) = (TestIssuer::new("orders"), TestIssuer::new("orders"));
    let stub = Stub::start(publishing(&revoked));
    let refresh_every = Duration::from_millis(1);
    let settings =
        KeyFetcherSettings { refresh_every, floor: NEVER, ..KeyFetcherSettings::new(stub.endpoint()) };
    let fetcher = KeyFetcher::start(verifier(), settings).unwrap();
    assert_eq!(verify(&fetcher, &revoked), None);
    stub.now(publishing(&other));
    let token = revoked.token().mint();
    until("the key to go", || fetcher.verifier().verify(&token, SystemClock.now()).is_err());
}

#[test]
fn waiting_requests_share_one_fetch() {
    let issuer = TestIssuer::new("orders");
    let (go, gate) = mpsc::channel::<()>();
    let jwks = issuer.jwks();
    let stub = Stub::start(move |_| {
        let _ = gate.recv();
        Reply::json(jwks.clone())
    });
    let fetcher = fetcher(&stub, NEVER);
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..20).map(|_| scope.spawn(|| verify(&fetcher, &issuer))).collect();
        until("all to wait", || fetcher.0.state.lock().waiting.len() == 20);
        go.send(()).unwrap();
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), None);
        }
    });
    assert_eq!(stub.asked(), 1);
}

#[test]
fn its_thread_ends_with_it() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(publishing(&issuer));
    let fetcher = fetcher(&stub, NEVER);
    let shared = Arc::downgrade(&fetcher.0);
    drop(fetcher);
    until("the thread to end", || shared.strong_count() == 0);
}
