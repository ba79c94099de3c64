//! Concurrent use cases.

use crate::kit::{App, PASSWORD, anonymous, app, by, new_user, secret};
use crate::logins::with_hash;
use futures_util::future::{join, join_all};
use roster_auth::password::HashPoolSettings;
use roster_domain::{DisplayName, EmailAddress, Origin, UniqueField};
use roster_service::{Call, Completeness, Error, NewPassword, NewUser, Precondition, UserDraft};
use std::pin::pin;
use std::sync::Arc;

fn shared(app: App) -> Arc<App> {
    Arc::new(app)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_concurrent_registrations_with_one_address_one_succeeds() {
    let app = shared(app());
    let tasks = (0..16).map(|n| {
        let app = app.clone();
        tokio::spawn(async move {
            let email = EmailAddress::new("same@example.com").ok();
            let new = NewUser { email, ..new_user(&format!("rival{n}")) };
            app.roster.register_user(&anonymous(), new).await
        })
    });
    let outcomes: Vec<_> =
        join_all(tasks.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(outcome, Err(Error::Taken(UniqueField::Email))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_flood_of_logins_from_one_address_does_not_block_other_addresses() {
    let app = app();
    app.user("ada").await;
    let [flood, other] = [[192, 0, 2, 1], [192, 0, 2, 2]]
        .map(|ip| Call::anonymous(Origin { ip: Some(ip.into()), ..Origin::default() }));
    let many = 2 * HashPoolSettings::default().queue_limit_per_address;
    let flooding = join_all((0..many).map(|_| app.roster.log_in(&flood, "ada", secret(PASSWORD))));
    let mut all = pin!(join(flooding, app.roster.log_in(&other, "ada", secret(PASSWORD))));
    app.run_until_hashing(all.as_mut()).await;
    let (flooding, other) = all.await;
    assert!(flooding.iter().any(|outcome| matches!(outcome, Err(Error::Busy { .. }))));
    other.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_logins_with_an_outdated_hash_all_succeed() {
    let app = shared(app());
    let ada = app.user("ada").await;
    let foreign = "$pbkdf2-sha256$29000$RGht7R3D2DsHAGDsPSdk7A$J58sgLIvHargHPG62fnzBjpTWN/T//w5GukvdrFzeL4";
    with_hash(&app, &ada, foreign).await;
    let tasks = (0..8).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { app.log_in("ada", "passlib-Xiu-2026").await })
    });
    for outcome in join_all(tasks.collect::<Vec<_>>()).await {
        outcome.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_races_a_password_change_leaves_no_valid_token() {
    for _ in 0..20 {
        let app = shared(app());
        let ada = app.user("ada").await;
        let login = tokio::spawn({
            let app = app.clone();
            async move { app.log_in("ada", PASSWORD).await }
        });
        let new = NewPassword {
            kind: None,
            precondition: Precondition::None,
            current: Some(secret(PASSWORD)),
            password: secret("quite another sentence"),
        };
        app.roster.change_password(&by(&ada), ada.id, new).await.unwrap();
        if let Ok(token) = login.await.unwrap() {
            let outcome = app.authenticate(&token).await;
            assert!(
                matches!(outcome, Err(Error::InvalidToken)),
                "a token of the old password is still valid"
            );
        }
        app.log_in("ada", "quite another sentence").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_changes_to_different_fields_are_all_kept() {
    let app = shared(app());
    let ada = app.user("ada").await;
    let patch = |draft: UserDraft| {
        let (app, ada) = (app.clone(), ada.clone());
        tokio::spawn(async move {
            let none = Precondition::None;
            app.roster.update_user(&by(&ada), ada.id, &none, Completeness::Partial, &draft).await.unwrap();
        })
    };
    let tasks = (0..8).flat_map(|n| {
        let name = DisplayName::new(format!("Ada {n}")).ok();
        let email = EmailAddress::new(format!("ada{n}@example.com")).ok();
        [
            patch(UserDraft { display_name: Some(name), ..UserDraft::default() }),
            patch(UserDraft { email: Some(email), ..UserDraft::default() }),
        ]
    });
    for task in join_all(tasks.collect::<Vec<_>>()).await {
        task.unwrap();
    }
    let after = app.reload(&ada).await.unwrap();
    assert_eq!(after.version.get(), ada.version.get() + 16);
    assert!(after.display_name.is_some() && after.email != ada.email);
}
