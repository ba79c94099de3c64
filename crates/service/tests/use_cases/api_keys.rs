//! API keys: what refuses them, how they are rotated, and when they end.

use crate::kit::{App, app, by};
use crate::machines::{a_key, only};
use futures_util::future::join_all;
use jiff::SignedDuration;
use roster_auth::api_key::NewApiKey;
use roster_auth::{Entropy, SystemEntropy};
use roster_domain::{ApiKeyPrefix, KeyMaker, Permission, ServiceAccount};
use roster_service::{ApiKeyDraft, Call, Error, IssuedApiKey, Rotation};
use roster_storage::Store;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Gives chosen letters for a prefix first, and randomness from then on.
struct Forger(Mutex<Option<ApiKeyPrefix>>);

impl Entropy for Forger {
    fn fill(&self, bytes: &mut [u8]) {
        let Some(prefix) = self.0.lock().unwrap().take() else { return SystemEntropy.fill(bytes) };
        let letter = |wanted| ApiKeyPrefix::ALPHABET.iter().position(|letter| *letter == wanted).unwrap();
        for (byte, wanted) in bytes.iter_mut().zip(prefix.as_str().bytes()) {
            *byte = u8::try_from(letter(wanted)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_well_formed_key_with_the_right_prefix_and_another_secret_is_refused() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let issued = app.key(&Call::operator(), &account).await;
    let forged = NewApiKey::generate(&Forger(Mutex::new(Some(issued.key.prefix))));
    assert_eq!(forged.prefix(), issued.key.prefix);
    assert!(app.turned_away(forged.as_str()).await);
    app.let_in(issued.secret.as_str()).await.unwrap();
}

async fn key_for_an_hour(app: &App, call: &Call, account: &ServiceAccount) -> IssuedApiKey {
    let end = app.clock_now() + SignedDuration::from_hours(1);
    let draft = ApiKeyDraft { expires_at: Some(end), ..a_key() };
    app.roster.create_api_key(call, account.id, &draft).await.unwrap()
}

#[tokio::test]
async fn an_expired_or_revoked_key_is_refused_from_then_on() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let short = key_for_an_hour(&app, &call, &account).await;
    let long = app.key(&call, &account).await;
    app.clock.advance(SignedDuration::from_mins(59));
    app.let_in(short.secret.as_str()).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(1));
    assert!(app.turned_away(short.secret.as_str()).await);
    app.let_in(long.secret.as_str()).await.unwrap();
    app.roster.revoke_api_key(&call, account.id, long.key.id).await.unwrap();
    assert!(app.turned_away(long.secret.as_str()).await);
    let again = app.roster.revoke_api_key(&call, account.id, long.key.id).await;
    assert!(matches!(again, Err(Error::ApiKeyNotFound)));
}

#[tokio::test]
async fn a_rotated_key_ends_at_once_or_after_the_overlap() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let first = app.key(&call, &account).await;
    let rotate = |key, rotation| app.roster.rotate_api_key(&call, account.id, key, rotation);
    let second = rotate(first.key.id, Rotation::default()).await.unwrap();
    assert!(app.turned_away(first.secret.as_str()).await);
    assert_eq!(second.key.name, first.key.name);
    let overlap = Duration::from_mins(5);
    let third = rotate(second.key.id, Rotation { overlap, ..Rotation::default() }).await.unwrap();
    for key in [&second, &third] {
        app.let_in(key.secret.as_str()).await.unwrap();
    }
    let again = rotate(second.key.id, Rotation::default()).await;
    assert!(matches!(again, Err(Error::ApiKeyReplaced)), "{again:?}");
    app.clock.advance(SignedDuration::from_mins(5));
    assert!(app.turned_away(second.secret.as_str()).await);
    app.let_in(third.secret.as_str()).await.unwrap();
    let overlap = Rotation::MAX_OVERLAP + Duration::from_secs(1);
    let endless = rotate(third.key.id, Rotation { overlap, ..Rotation::default() }).await;
    assert!(matches!(endless, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_key_that_has_ended_is_not_rotated() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let short = key_for_an_hour(&app, &call, &account).await;
    app.clock.advance(SignedDuration::from_hours(1));
    let late = app.roster.rotate_api_key(&call, account.id, short.key.id, Rotation::default()).await;
    assert!(matches!(late, Err(Error::ApiKeyEnded)), "{late:?}");
}

#[tokio::test]
async fn a_new_key_lives_as_long_as_the_old_one_was_to() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let day = SignedDuration::from_hours(24);
    let draft = ApiKeyDraft { expires_at: Some(app.clock_now() + day), ..a_key() };
    let old = app.roster.create_api_key(&call, account.id, &draft).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(23));
    let new = app.roster.rotate_api_key(&call, account.id, old.key.id, Rotation::default()).await.unwrap();
    assert_eq!(new.key.expires_at, Some(app.clock_now() + day));
    let forever = Rotation { expires_at: Some(None), ..Rotation::default() };
    let new = app.roster.rotate_api_key(&call, account.id, new.key.id, forever).await.unwrap();
    assert_eq!(new.key.expires_at, None);
}

#[tokio::test]
async fn a_key_that_makes_no_sense_is_refused_with_every_fault() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let permissions = Some(only(&[Permission::UsersDelete]));
    let draft = ApiKeyDraft { permissions, expires_at: Some(app.clock_now()), ..a_key() };
    let refused = app.roster.create_api_key(&call, account.id, &draft).await;
    let Err(Error::Invalid(faults)) = refused else { panic!("{refused:?}") };
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["permissions_exceed_account", "expiry_passed"]);
    for _ in 0..ServiceAccount::MAX_KEYS {
        app.key(&call, &account).await;
    }
    let full = app.roster.create_api_key(&call, account.id, &a_key()).await;
    assert!(matches!(full, Err(Error::TooManyApiKeys(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_rotations_of_one_key_one_wins_whatever_the_overlap() {
    for (overlap, keys) in [(Duration::ZERO, 1), (Duration::from_mins(1), 2)] {
        let app = Arc::new(app());
        let root = app.admin("root").await;
        let account = app.account(&by(&root), "backup").await;
        let key = app.key(&by(&root), &account).await.key.id;
        let tasks = (0..16).map(|_| {
            let (app, call, account) = (app.clone(), by(&root), account.id);
            let rotation = Rotation { overlap, ..Rotation::default() };
            tokio::spawn(async move { app.roster.rotate_api_key(&call, account, key, rotation).await })
        });
        let outcomes: Vec<_> =
            join_all(tasks.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(winners.len(), 1);
        app.let_in(winners[0].secret.as_str()).await.unwrap();
        for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
            let message = matches!(outcome, Err(Error::ApiKeyNotFound | Error::ApiKeyReplaced));
            assert!(message, "{outcome:?}");
        }
        let after = app.store.service_account(account.id).await.unwrap().unwrap();
        assert_eq!(after.keys.len(), keys);
        assert_eq!(after.keys[0].created_by, KeyMaker::User(root.id));
    }
}
