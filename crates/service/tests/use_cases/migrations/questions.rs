//! When the old system is asked, and how long a login then takes.

use super::{OLD, TIMEOUT, ada, app_asking, app_asking_within};
use crate::kit::{App, PASSWORD};
use futures_util::future::{join, join_all};
use roster_domain::StatusKind;
use roster_service::{
    Call, Completeness, Error, LimitSettings, LoginOutcome, Precondition, QuestionOutcome, UserDraft,
};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

fn questions(app: &App) -> [u64; 4] {
    QuestionOutcome::ALL.map(|outcome| app.roster.counters().questions(outcome))
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_who_is_here() {
    let (app, old) = app_asking("ada", &ada());
    let bob = app.user("bob").await;
    let draft = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let disabled = app.user("carol").await;
    let call = Call::operator();
    app.roster
        .update_user(&call, disabled.id, &Precondition::None, Completeness::Partial, &draft)
        .await
        .unwrap();
    app.import_one(&json!({ "id": 1, "username": "dave", "locked_by_policy": true }), "dave").await;
    app.import_one(&json!({ "id": 2, "username": "erin", "status": "pending" }), "erin").await;
    for login in [bob.username.as_str(), "bob@example.com", "carol", "dave", "erin"] {
        old.add(login, OLD, &json!({ "username": login, "email": "bob@example.com" }));
        assert!(matches!(app.log_in(login, OLD).await, Err(Error::BadCredentials)), "{login}");
    }
    assert!(old.asked().is_empty(), "{:?}", old.asked());
}

#[tokio::test(start_paused = true)]
async fn an_empty_password_and_names_that_nobody_can_have_are_not_asked_about() {
    let (app, old) = app_asking("ada", &ada());
    old.add("ada", "", &ada());
    let (long, oversized) = ("x".repeat(256), "x".repeat(1025));
    for (login, password) in [("ada", ""), ("", OLD), (&*long, OLD), ("a\0da", OLD), ("ada", &oversized)] {
        assert!(matches!(app.log_in(login, password).await, Err(Error::BadCredentials)));
    }
    assert!(old.asked().is_empty(), "{:?}", old.asked());
}

#[tokio::test(start_paused = true)]
async fn the_question_has_the_password_as_it_was_typed() {
    let (app, old) = app_asking("ada", &ada());
    let decomposed = "cafe\u{301} au lait";
    old.add("ada", decomposed, &ada());
    app.log_in("ada", decomposed).await.unwrap();
    assert_eq!(old.asked(), [("ada".to_owned(), decomposed.to_owned())]);
    app.log_in("ada", "café au lait").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_failed_login_takes_the_timeout_whether_the_old_system_was_asked_or_not() {
    let (app, old) = app_asking("ada", &ada());
    app.user("bob").await;
    let carol = app.user("carol").await;
    let draft = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let call = Call::operator();
    app.roster
        .update_user(&call, carol.id, &Precondition::None, Completeness::Partial, &draft)
        .await
        .unwrap();
    for (login, password) in
        [("nobody", OLD), ("ada", "wrong"), ("bob", "wrong"), ("bob", ""), ("carol", PASSWORD)]
    {
        let began = Instant::now();
        app.log_in(login, password).await.unwrap_err();
        assert!(began.elapsed() >= TIMEOUT, "{login}: {:?}", began.elapsed());
    }
    let began = Instant::now();
    app.log_in("bob", PASSWORD).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "a login that succeeds waits for nothing");
    assert_eq!(old.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_old_system_that_is_slow_or_down_gives_no_answer() {
    let (app, old) = app_asking("ada", &ada());
    old.hold();
    let later = async {
        old.asked_times(1).await;
        tokio::time::advance(3 * TIMEOUT).await;
    };
    let (login, ()) = join(app.log_in("ada", OLD), later).await;
    old.release();
    assert!(matches!(login, Err(Error::BadCredentials)));
    old.add("ada", OLD, &json!(null));
    assert!(matches!(app.log_in("ada", OLD).await, Err(Error::BadCredentials)));
    assert_eq!(questions(&app), [0, 0, 2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_full_pool_counts_as_no_answer() {
    let (app, old) = app_asking("ada", &ada());
    old.hold();
    let logins = join_all((0..33).map(|n| {
        let app = &app;
        async move { app.log_in(&format!("user-{n}"), OLD).await.is_err() }
    }));
    let released = async {
        old.asked_times(32).await;
        while questions(&app)[3] == 0 && old.asked().len() < 33 {
            tokio::task::yield_now().await;
        }
        old.release();
    };
    let (failed, ()) = join(logins, released).await;
    assert!(failed.iter().all(|failed| *failed));
    assert_eq!(questions(&app), [0, 32, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_a_limit_rejects_asks_nothing() {
    let (app, old) = app_asking_within(Some(LimitSettings::default()), "ada", &ada());
    for _ in 0..5 {
        assert!(matches!(app.log_in("ada", "wrong").await, Err(Error::BadCredentials)));
    }
    assert!(matches!(app.log_in("ada", OLD).await, Err(Error::TooMany(_))));
    assert_eq!(old.asked().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_migration_counts_as_a_success_and_not_as_a_failure() {
    let (app, _) = app_asking_within(Some(LimitSettings::default()), "ada", &ada());
    for _ in 0..4 {
        assert!(matches!(app.log_in("ada", "wrong").await, Err(Error::BadCredentials)));
    }
    app.log_in("ada", OLD).await.unwrap();
    for _ in 0..5 {
        assert!(matches!(app.log_in("ada", "wrong").await, Err(Error::BadCredentials)), "the count is reset");
    }
    assert_eq!(app.roster.counters().logins(LoginOutcome::Success), 1);
}
