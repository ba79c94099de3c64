use super::*;
use crate::fetch::stub::{Reply, Stub};
use crate::fetch::{IntrospectorSettings, KeyFetcherSettings};
use crate::test_kit::TestIssuer;
use crate::token::{KeySet, TokenRejected, VerifierSettings};
use jiff::Timestamp;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// A minimal executor, to show that any will do.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        thread::yield_now();
    }
}

fn asking(issuer: &TestIssuer, stub: &Stub) -> TokenAuthenticator {
    let settings = IntrospectorSettings::bearer(stub.endpoint(), "rk_key_secret".to_owned());
    issuer.authenticator().asking(Introspector::start(settings).unwrap())
}

#[test]
fn the_issuer_decides_whether_a_token_is_active() {
    let issuer = TestIssuer::new("orders");
    for (active, verdict) in [("true", None), ("false", Some(AuthError::Revoked))] {
        let stub = Stub::start(move |_| Reply::json(format!("{{\"active\":{active}}}")));
        let authenticator = asking(&issuer, &stub);
        assert_eq!(run(authenticator.authenticate(&issuer.token().mint())).err(), verdict);
    }
}

#[test]
fn the_issuer_is_not_asked_about_a_rejected_token() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(|_| Reply::json("{\"active\":true}"));
    let authenticator = asking(&issuer, &stub);
    let token = issuer.token().expired().mint();
    assert_eq!(run(authenticator.authenticate(&token)).err(), Some(TokenRejected::Expired.into()));
    assert_eq!(stub.asked(), 0);
}

#[test]
fn requests_are_rejected_while_the_issuer_does_not_respond() {
    let issuer = TestIssuer::new("orders");
    let stub = Stub::start(|_| Reply::status("502 Bad Gateway"));
    let authenticator = asking(&issuer, &stub);
    let rejected = run(authenticator.authenticate(&issuer.token().mint())).unwrap_err();
    assert_eq!((rejected.status(), rejected.retry_after()), (503, Some(1)));
}

#[test]
fn fetched_keys_work_like_given_ones() {
    let issuer = TestIssuer::new("orders");
    let jwks = issuer.jwks();
    let stub = Stub::start(move |_| Reply::json(jwks.clone()));
    let settings = VerifierSettings::new(TestIssuer::ISSUER, "orders");
    let verifier = TokenVerifier::new(KeySet::default(), settings);
    let fetcher = KeyFetcher::start(verifier, KeyFetcherSettings::new(stub.endpoint())).unwrap();
    let authenticator = TokenAuthenticator::fetching(fetcher);
    assert_eq!(
        run(authenticator.authenticate(&issuer.token().mint())).unwrap().sub,
        TestIssuer::user().into()
    );
    let other = TestIssuer::new("orders").token().mint();
    assert_eq!(run(authenticator.authenticate(&other)).err(), Some(TokenRejected::Key.into()));
}

#[test]
fn the_time_comes_from_the_clock() {
    struct Later;
    impl Clock for Later {
        fn now(&self) -> Timestamp {
            SystemClock.now() + Duration::from_mins(16)
        }
    }
    let issuer = TestIssuer::new("orders");
    let authenticator = issuer.authenticator().with_clock(Later);
    let rejected = run(authenticator.authenticate(&issuer.token().mint())).err();
    assert_eq!(rejected, Some(TokenRejected::Expired.into()));
}
