//! Durability: commits outlive the process and the caller.

use super::reads::{add, creation, update};
use super::{Bench, People};
use crate::Store;
use futures_util::future::join_all;
use futures_util::{FutureExt, pin_mut};
use roster_domain::{
    Attributes, Credential, DisplayName, ExternalId, LoginAlias, PasswordHash, StatusKind, User,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Tests every field of a user, and every kind of change.
pub async fn committed_changes_survive_a_kill(bench: &impl Bench) {
    let store = bench.fresh().await;
    let at = People.nth(1).created_at;
    let full = People.nth(1).with(|user| {
        user.email_verified = true;
        user.display_name = Some(DisplayName::new("María \"<b>\" \\ 佐藤").expect("valid"));
        let attributes = json!({"a": [1, 2.5, null], "b": {"ü": "\u{2028}"}});
        user.attributes = Attributes::from_value(attributes).expect("small");
        user.external_id = Some(ExternalId::new("usr/1").expect("valid"));
        user.login_alias = Some(LoginAlias::new("Per Son").expect("valid"));
        user.last_login_at = Some(at);
        user.credential = Credential::Password(PasswordHash::new("$2b$04$x").expect("valid"));
    });
    let full = add(&store, full).await;
    let changed = add(&store, People.nth(2)).await;
    let after = (*changed).clone().with_status(StatusKind::Disabled, at).touched(at);
    store.commit(update(&changed, after.clone())).await.expect("fresh");
    let removed = add(&store, People.nth(3)).await;
    let unusable = Credential::Unusable { reason: "bare SHA-256".into() };
    let unusable = add(&store, People.nth(4).with(|user| user.credential = unusable)).await;
    store
        .commit(
            crate::UnitOfWork::audited(super::record(roster_domain::Action::UserDeleted, removed.id))
                .write(crate::Change::RemoveUser(removed.id)),
        )
        .await
        .expect("no guard");
    let store = bench.reopened(store).await;
    assert_eq!(store.user(full.id).await.expect("readable"), Some(full));
    assert_eq!(store.user(changed.id).await.expect("readable").as_deref(), Some(&after));
    assert_eq!(store.user(removed.id).await.expect("readable"), None);
    assert_eq!(store.user(unusable.id).await.expect("readable"), Some(unusable));
}

/// Dropping the future after any number of polls does not change the outcome.
pub async fn a_dropped_commit_is_all_or_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    for polls in 0..12 {
        let user = Arc::new(People.nth(polls));
        {
            let commit = store.commit(creation(&user));
            pin_mut!(commit);
            for _ in 0..polls {
                if commit.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let found = if polls == 0 {
            store.user(user.id).await.expect("readable")
        } else {
            Some(eventually(&store, &user).await)
        };
        assert!(found.is_none() || found == Some(user.clone()), "half a user after {polls} polls");
    }
}

/// Reads a user whose commit began. An engine may still be at it.
async fn eventually(store: &Arc<dyn Store>, user: &User) -> Arc<User> {
    let reading = async {
        loop {
            match store.user(user.id).await.expect("readable") {
                Some(found) => return found,
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("a commit that began is completed")
}

/// Sixteen writers commit ten users each; every acknowledged user is found afterwards.
pub async fn commits_of_many_concurrent_writers_survive_a_kill(bench: &impl Bench) {
    let store = bench.fresh().await;
    let writers = (0..16).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..10 {
                add(&store, People.nth(writer * 100 + n)).await;
            }
        })
    });
    for writer in join_all(writers.collect::<Vec<_>>()).await {
        writer.expect("no panic");
    }
    let store = bench.reopened(store).await;
    for n in (0..16).flat_map(|writer| (0..10).map(move |n| writer * 100 + n)) {
        let user = People.nth(n);
        assert_eq!(store.user(user.id).await.expect("readable").as_deref(), Some(&user));
    }
}
