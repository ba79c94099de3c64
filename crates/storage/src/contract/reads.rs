//! Reads.

use super::{Bench, People, record};
use crate::{Change, Guard, Store, UnitOfWork};
use roster_domain::{Action, ExternalId, Login, LoginAlias, User, UserId, Username};
use std::sync::Arc;

/// Stores `user` as a new user.
pub async fn add(store: &Arc<dyn Store>, user: User) -> Arc<User> {
    let user = Arc::new(user);
    store.commit(creation(&user)).await.expect("a free name is taken");
    user
}

/// The unit that creates `user`.
#[must_use]
pub fn creation(user: &Arc<User>) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserCreated, user.id))
        .require_names_free(user)
        .write(Change::PutUser(user.clone()))
}

/// The unit that changes `before` to `after`, unless it was changed meanwhile.
#[must_use]
pub fn update(before: &User, after: User) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserUpdated, before.id))
        .require(Guard::UserVersion(before.id, before.version))
        .require_names_free(&after)
        .write(Change::PutUser(Arc::new(after)))
}

pub(super) async fn by_login(store: &Arc<dyn Store>, login: &str) -> Option<UserId> {
    store.user_by_login(&Login::new(login)).await.expect("readable").map(|user| user.id)
}

/// By id, username, email and external id, each in any spelling that compares equal.
pub async fn a_committed_user_is_found_by_every_name(bench: &impl Bench) {
    let store = bench.fresh().await;
    let external_id = ExternalId::new("usr_1").expect("valid");
    let user = add(&store, People.nth(1).with(|user| user.external_id = Some(external_id.clone()))).await;
    assert_eq!(store.user(user.id).await.expect("readable"), Some(user.clone()));
    assert_eq!(by_login(&store, "PERSON1").await, Some(user.id));
    assert_eq!(by_login(&store, "Person1@Example.COM").await, Some(user.id));
    let found = store.user_by_external_id(&external_id).await.expect("readable");
    assert_eq!(found, Some(user));
}

/// Absence is not an error.
pub async fn an_absent_user_is_none(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(store.user(People.nth(1).id).await.expect("readable"), None);
    assert_eq!(by_login(&store, "nobody").await, None);
    assert_eq!(by_login(&store, "nobody@example.com").await, None);
    let external_id = ExternalId::new("x").expect("valid");
    assert_eq!(store.user_by_external_id(&external_id).await.expect("readable"), None);
}

/// Absent ids are left out.
pub async fn only_existing_users_are_found_by_id(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (one, two) = (add(&store, People.nth(1)).await, add(&store, People.nth(2)).await);
    let ids = [two.id, People.nth(3).id, one.id];
    let mut found = store.users_by_id(&ids).await.expect("readable");
    found.sort_by_key(|user| user.id);
    assert_eq!(found, [one, two]);
    assert!(store.users_by_id(&[]).await.expect("readable").is_empty());
}

/// An alias finds its owner; nobody else can have it as a name, and a name cannot become an alias of another user.
pub async fn an_alias_finds_its_owner_only(bench: &impl Bench) {
    let store = bench.fresh().await;
    let alias = |text: &str| Some(LoginAlias::new(text).expect("valid"));
    let old = add(&store, People.nth(1).with(|user| user.login_alias = alias("Per Son"))).await;
    assert_eq!(by_login(&store, "per son").await, Some(old.id));
    let shadow =
        add(&store, People.nth(2).with(|user| user.login_alias = alias("person3@example.com"))).await;
    assert_eq!(by_login(&store, "person3@example.com").await, Some(shadow.id));
    assert!(
        store.commit(creation(&Arc::new(People.nth(3)))).await.is_err(),
        "the address belongs to another"
    );
    add(&store, People.nth(3).with(|user| user.email = None)).await;
    for name in ["PERSON3", "Per Son"] {
        let late = People.nth(4).with(|user| user.login_alias = alias(name));
        assert!(store.commit(creation(&Arc::new(late))).await.is_err(), "{name} belongs to another");
    }
    assert_eq!(by_login(&store, "person3@example.com").await, Some(shadow.id));
}

/// The indexes are updated with the user.
pub async fn a_renamed_user_is_not_found_by_the_old_name(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let renamed = (*user).clone().touched(user.updated_at).with(|user| {
        user.username = Username::new("renamed").expect("valid");
        user.email = None;
    });
    store.commit(update(&user, renamed)).await.expect("nobody else wrote");
    assert_eq!(by_login(&store, "person1").await, None);
    assert_eq!(by_login(&store, "person1@example.com").await, None);
    assert_eq!(by_login(&store, "renamed").await, Some(user.id));
    add(&store, People.nth(1).with(|user| user.id = People.nth(2).id)).await;
}

/// Removing a user frees every name.
pub async fn a_removed_user_is_gone_and_their_names_are_free(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let removal = UnitOfWork::audited(record(Action::UserDeleted, user.id))
        .require(Guard::UserVersion(user.id, user.version))
        .write(Change::RemoveUser(user.id));
    store.commit(removal).await.expect("nobody else wrote");
    assert_eq!(store.user(user.id).await.expect("readable"), None);
    assert_eq!(by_login(&store, "person1").await, None);
    add(&store, People.nth(1).with(|user| user.id = People.nth(2).id)).await;
}

/// A removal states the desired result, so it also succeeds if the user is already absent.
pub async fn removing_an_absent_user_succeeds(bench: &impl Bench) {
    let store = bench.fresh().await;
    let id = People.nth(1).id;
    let removal = UnitOfWork::audited(record(Action::UserDeleted, id)).write(Change::RemoveUser(id));
    store.commit(removal).await.expect("the result holds already");
}
