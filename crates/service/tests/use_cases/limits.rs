//! Limits, on a clock that is moved.

use crate::kit::{App, PASSWORD, app_with_limits};
use jiff::SignedDuration;
use roster_service::{Error, LimitSettings, TooMany};
use std::time::Duration;

async fn wait_after(app: &App, password: &str) -> Option<Duration> {
    match app.log_in("ada", password).await {
        Err(Error::TooMany(TooMany { retry_after, .. })) => Some(retry_after),
        Err(Error::BadCredentials) | Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_delay_is_over_when_it_says_and_no_sooner_even_for_the_right_password() {
    let app = app_with_limits(LimitSettings::default());
    app.user("ada").await;
    for _ in 0..5 {
        assert_eq!(wait_after(&app, "wrong").await, None);
    }
    assert_eq!(wait_after(&app, PASSWORD).await, Some(Duration::from_secs(1)));
    app.clock.advance(SignedDuration::from_millis(999));
    assert_eq!(wait_after(&app, PASSWORD).await, Some(Duration::from_millis(1)));
    app.clock.advance(SignedDuration::from_millis(1));
    app.log_in("ada", PASSWORD).await.unwrap();
    for _ in 0..5 {
        assert_eq!(wait_after(&app, "wrong").await, None, "it begins anew");
    }
}

#[tokio::test]
async fn whoever_hangs_up_has_had_their_try() {
    let app = app_with_limits(LimitSettings::default());
    app.user("ada").await;
    for _ in 0..5 {
        let attempt = app.log_in("ada", "wrong");
        let dropped = tokio::time::timeout(Duration::ZERO, attempt).await;
        assert!(dropped.is_err(), "the hash takes longer");
    }
    assert!(wait_after(&app, PASSWORD).await.is_some());
}
