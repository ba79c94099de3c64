//! Creation, rotation, expiry and revocation of API keys.

use crate::kit::{App, app, by};
use crate::service_accounts::{key_draft, only};
use futures_util::future::join_all;
use jiff::SignedDuration;
use roster_auth::api_key::NewApiKey;
use roster_auth::{Entropy, SystemEntropy};
use roster_domain::{ApiKeyPrefix, KeyCreator, Permission, ServiceAccount};
use roster_service::{ApiKeyDraft, Call, Error, IssuedApiKey, Rotation};
use roster_storage::Store;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Generates the given prefix first, then random bytes.
struct FixedPrefix(Mutex<Option<ApiKeyPrefix>>);

impl Entropy for FixedPrefix {
    fn fill(&self, bytes: &mut [u8]) {
        let Some(prefix) = self.0.lock().unwrap().take() else { return SystemEntropy.fill(bytes) };
        let letter = |wanted| ApiKeyPrefix::ALPHABET.iter().position(|letter| *letter == wanted).unwrap();
        for (byte, wanted) in bytes.iter_mut().zip(prefix.as_str().bytes()) {
            *byte = u8::try_from(letter(wanted)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_with_a_known_prefix_and_another_secret_is_rejected() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let issued = app.key(&Call::operator(), &account).await;
    let forged = NewApiKey::generate(&FixedPrefix(Mutex::new(Some(issued.key.prefix))));
    assert_eq!(forged.prefix(), issued.key.prefix);
    assert!(app.rejects_key(forged.as_str()).await);
    app.authenticate_key(issued.secret.as_str()).await.unwrap();
}

async fn key_for_an_hour(app: &App, call: &Call, account: &ServiceAccount) -> IssuedApiKey {
    let end = app.clock_now() + SignedDuration::from_hours(1);
    let draft = ApiKeyDraft { expires_at: Some(end), ..key_draft() };
    app.roster.create_api_key(call, account.id, &draft).await.unwrap()
}

#[tokio::test]
async fn an_expired_or_revoked_key_is_rejected() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let short = key_for_an_hour(&app, &call, &account).await;
    let long = app.key(&call, &account).await;
    app.clock.advance(SignedDuration::from_mins(59));
    app.authenticate_key(short.secret.as_str()).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(1));
    assert!(app.rejects_key(short.secret.as_str()).await);
    app.authenticate_key(long.secret.as_str()).await.unwrap();
    app.roster.revoke_api_key(&call, account.id, long.key.id).await.unwrap();
    assert!(app.rejects_key(long.secret.as_str()).await);
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
    assert!(app.rejects_key(first.secret.as_str()).await);
    assert_eq!(second.key.name, first.key.name);
    let overlap = Duration::from_mins(5);
    let third = rotate(second.key.id, Rotation { overlap, ..Rotation::default() }).await.unwrap();
    for key in [&second, &third] {
        app.authenticate_key(key.secret.as_str()).await.unwrap();
    }
    let again = rotate(second.key.id, Rotation::default()).await;
    assert!(matches!(again, Err(Error::ApiKeyReplaced)), "{again:?}");
    app.clock.advance(SignedDuration::from_mins(5));
    assert!(app.rejects_key(second.secret.as_str()).await);
    app.authenticate_key(third.secret.as_str()).await.unwrap();
    let overlap = Rotation::MAX_OVERLAP + Duration::from_secs(1);
    let too_long = rotate(third.key.id, Rotation { overlap, ..Rotation::default() }).await;
    assert!(matches!(too_long, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn an_expired_key_cannot_be_rotated() {
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
async fn a_rotated_key_gets_the_lifetime_of_the_old_one() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let day = SignedDuration::from_hours(24);
    let draft = ApiKeyDraft { expires_at: Some(app.clock_now() + day), ..key_draft() };
    let old = app.roster.create_api_key(&call, account.id, &draft).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(23));
    let new = app.roster.rotate_api_key(&call, account.id, old.key.id, Rotation::default()).await.unwrap();
    assert_eq!(new.key.expires_at, Some(app.clock_now() + day));
    let forever = Rotation { expires_at: Some(None), ..Rotation::default() };
    let new = app.roster.rotate_api_key(&call, account.id, new.key.id, forever).await.unwrap();
    assert_eq!(new.key.expires_at, None);
}

#[tokio::test]
async fn an_invalid_key_draft_is_rejected_with_all_errors() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let permissions = Some(only(&[Permission::UsersDelete]));
    let draft = ApiKeyDraft { permissions, expires_at: Some(app.clock_now()), ..key_draft() };
    let rejected = app.roster.create_api_key(&call, account.id, &draft).await;
    let Err(Error::Invalid(errors)) = rejected else { panic!("{rejected:?}") };
    let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, ["permissions_exceed_account", "expiry_passed"]);
    for _ in 0..ServiceAccount::MAX_KEYS {
        app.key(&call, &account).await;
    }
    let full = app.roster.create_api_key(&call, account.id, &key_draft()).await;
    assert!(matches!(full, Err(Error::TooManyApiKeys(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_concurrent_rotations_of_one_key_one_succeeds() {
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
        app.authenticate_key(winners[0].secret.as_str()).await.unwrap();
        for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
            let expected = matches!(outcome, Err(Error::ApiKeyNotFound | Error::ApiKeyReplaced));
            assert!(expected, "{outcome:?}");
        }
        let after = app.store.service_account(account.id).await.unwrap().unwrap();
        assert_eq!(after.keys.len(), keys);
        assert_eq!(after.keys[0].created_by, KeyCreator::User(root.id));
    }
}
