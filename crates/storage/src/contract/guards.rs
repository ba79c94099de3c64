//! Guards: they are checked at the commit, and of units that exclude each other one succeeds.

use super::reads::{add, creation, update};
use super::{Bench, People, record};
use crate::{Change, CommitError, Conflict, Guard, Store, UnitOfWork};
use futures_util::future::join_all;
use roster_domain::{
    Action, Credential, ExternalId, LoginAlias, PasswordHash, StatusKind, User, UserId, Username,
};
use std::sync::Arc;

/// The number of tasks that race for the same thing.
pub(super) const RIVALS: u32 = 32;

pub(super) fn conflict(outcome: Result<(), CommitError>) -> Guard {
    match outcome {
        Err(CommitError::Conflict(Conflict(guard))) => guard,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

fn removal(id: UserId) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserDeleted, id)).write(Change::RemoveUser(id))
}

/// A rejected unit leaves no trace.
pub async fn a_stale_version_is_a_conflict_and_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let first = add(&store, People.nth(1)).await;
    let second = (*first).clone().touched(first.updated_at);
    store.commit(update(&first, second.clone())).await.expect("fresh");
    let late = second.clone().with(|user| user.email = None);
    let guard = conflict(store.commit(update(&first, late)).await);
    assert_eq!(guard, Guard::UserVersion(first.id, first.version));
    assert_eq!(store.user(first.id).await.expect("readable").as_deref(), Some(&second));
    let nobody = People.nth(9);
    let guard = conflict(store.commit(update(&nobody, nobody.clone())).await);
    assert_eq!(guard, Guard::UserVersion(nobody.id, nobody.version));
}

/// A user whose id comes from another system does not replace an existing user.
pub async fn a_new_user_never_replaces_another(bench: &impl Bench) {
    let store = bench.fresh().await;
    let first = add(&store, People.nth(1)).await;
    let other = Arc::new(People.nth(2).with(|user| user.id = first.id));
    let work = UnitOfWork::audited(record(Action::UserImported, first.id)).require_new_user(&other);
    let guard = conflict(store.commit(work.write(Change::PutUser(other))).await);
    assert_eq!(guard, Guard::UserAbsent(first.id));
    assert_eq!(store.user(first.id).await.expect("readable"), Some(first));
    let fresh = Arc::new(People.nth(3));
    let work = UnitOfWork::audited(record(Action::UserImported, fresh.id)).require_new_user(&fresh);
    store.commit(work.write(Change::PutUser(fresh))).await.expect("free");
}

/// The conflict says which of the names is taken.
pub async fn a_taken_name_is_a_conflict_that_names_itself(bench: &impl Bench) {
    let store = bench.fresh().await;
    let taken = add(&store, with_every_name(People.nth(1))).await;
    let other = People.nth(2);
    for (expected, user) in taking_each_name(&taken, &other) {
        let only_asked = UnitOfWork::audited(record(Action::UserCreated, other.id)).require(expected.clone());
        assert_eq!(conflict(store.commit(only_asked).await), expected);
        assert_eq!(conflict(store.commit(creation(&Arc::new(user))).await), expected);
        assert_eq!(store.user(other.id).await.expect("readable"), None);
    }
}

/// A name is free if no other user has it.
pub async fn a_user_can_keep_their_own_names(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let shouted = (*user).clone().touched(user.updated_at);
    let shouted = shouted.with(|user| user.username = Username::new("PERSON1").expect("valid"));
    store.commit(update(&user, shouted)).await.expect("their own name");
}

/// A user keeps a name that no guard mentions; another user who takes it is rejected.
pub async fn a_name_without_a_guard_still_cannot_be_taken(bench: &impl Bench) {
    let store = bench.fresh().await;
    let owner = add(&store, with_every_name(People.nth(1))).await;
    let other = add(&store, People.nth(2)).await;
    let blind = |user: User| {
        UnitOfWork::audited(record(Action::UserUpdated, user.id)).write(Change::PutUser(Arc::new(user)))
    };
    store.commit(blind((*owner).clone().touched(owner.updated_at))).await.expect("their own names");
    for (guard, thief) in taking_each_name(&owner, &other) {
        assert_eq!(conflict(store.commit(blind(thief)).await), guard);
    }
}

/// The same user with every kind of name.
fn with_every_name(person: User) -> User {
    person.with(|user| {
        user.external_id = ExternalId::new("usr_1").ok();
        user.login_alias = LoginAlias::new("Per Son").ok();
    })
}

/// One user with each of another user's names in turn, and the guard for that name.
fn taking_each_name(owner: &User, thief: &User) -> [(Guard, User); 4] {
    let User { email, external_id, login_alias, .. } = owner.clone();
    let username = Username::new(owner.username.as_str().to_uppercase()).expect("the same name");
    [
        (
            Guard::UsernameFree(owner.username.key().clone(), thief.id),
            thief.clone().with(|user| user.username = username),
        ),
        (
            Guard::EmailFree(email.as_ref().expect("has one").key().clone(), thief.id),
            thief.clone().with(|user| user.email = email),
        ),
        (
            Guard::ExternalIdFree(external_id.clone().expect("has one"), thief.id),
            thief.clone().with(|user| user.external_id = external_id),
        ),
        (
            Guard::AliasFree(login_alias.as_ref().expect("has one").key().clone(), thief.id),
            thief.clone().with(|user| user.login_alias = login_alias),
        ),
    ]
}

/// If the second of two changes is rejected, the first is not made either.
pub async fn a_unit_of_several_changes_is_all_or_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (first, second) = (People.nth(1), People.nth(2));
    let second = second.with(|user| user.username = first.username.clone());
    let work = UnitOfWork::audited(record(Action::UserCreated, first.id))
        .write(Change::PutUser(Arc::new(first.clone())))
        .write(Change::PutUser(Arc::new(second.clone())));
    let taken = Guard::UsernameFree(first.username.key().clone(), second.id);
    assert_eq!(conflict(store.commit(work).await), taken);
    assert_eq!(store.user(first.id).await.expect("readable"), None);
    assert_eq!(store.user(second.id).await.expect("readable"), None);
}

/// Many users register with the same address; the conflict names it.
pub async fn one_of_many_racing_registrations_wins(bench: &impl Bench) {
    let store = bench.fresh().await;
    let email = People.nth(0).email;
    let rivals =
        (1..=RIVALS).map(|n| creation(&Arc::new(People.nth(n).with(|user| user.email.clone_from(&email)))));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(conflict(outcome), Guard::EmailFree(..)));
    }
}

/// Of many updates of one version, one becomes the next version.
pub async fn one_of_many_racing_updates_wins(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let rivals = (0..RIVALS).map(|_| update(&user, (*user).clone().touched(user.updated_at)));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let now = store.user(user.id).await.expect("readable").expect("present");
    assert_eq!(now.version, user.version.next());
}

/// A unit that was decided before a password change or a login is rejected after it.
pub async fn a_changed_credential_epoch_or_login_is_a_conflict(bench: &impl Bench) {
    let store = bench.fresh().await;
    let before = add(&store, People.nth(1)).await;
    let hash = PasswordHash::new("$2b$04$abc").expect("valid");
    let changed = (*before).clone().with_password(hash, before.updated_at);
    let after = changed.with(|user| user.last_login_at = Some(before.updated_at));
    store.commit(update(&before, after.clone())).await.expect("fresh");
    let login = |guard: Guard| UnitOfWork::audited(record(Action::LoggedIn, before.id)).require(guard);
    for stale in [
        Guard::CredentialIs(before.id, before.credential.clone()),
        Guard::AuthEpoch(before.id, before.auth_epoch),
        Guard::LastLoginIs(before.id, before.last_login_at),
        Guard::CredentialIs(People.nth(9).id, Credential::None),
    ] {
        assert_eq!(conflict(store.commit(login(stale.clone())).await), stale);
    }
    for fresh in [
        Guard::CredentialIs(after.id, after.credential.clone()),
        Guard::AuthEpoch(after.id, after.auth_epoch),
        Guard::LastLoginIs(after.id, after.last_login_at),
    ] {
        store.commit(login(fresh)).await.expect("it holds");
    }
}

/// If two administrators delete each other at once, one stays.
pub async fn the_last_administrator_cannot_be_removed_by_a_race(bench: &impl Bench) {
    let store = bench.fresh().await;
    let admins = [add(&store, People.admin(1)).await, add(&store, People.admin(2)).await];
    let rivals = admins.iter().map(|admin| removal(admin.id).require(Guard::AnotherAdminRemains(admin.id)));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(store.has_active_admin().await.expect("readable"));
}

/// If every one of many administrators leaves at once, one stays.
pub async fn one_of_many_administrators_who_leave_at_once_stays(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut admins = Vec::new();
    for number in 1..=RIVALS {
        admins.push(add(&store, People.admin(number)).await);
    }
    let rivals = admins.iter().map(|admin| removal(admin.id).require(Guard::AnotherAdminRemains(admin.id)));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
    assert!(store.has_active_admin().await.expect("readable"));
}

/// This holds even if many processes start at once.
pub async fn the_first_administrator_is_created_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert!(!store.has_active_admin().await.expect("readable"));
    let rivals = (1..=RIVALS).map(|n| creation(&Arc::new(People.admin(n))).require(Guard::NoActiveAdmin));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(store.has_active_admin().await.expect("readable"));
}

/// An administrator who cannot log in does not count.
pub async fn a_disabled_administrator_does_not_count(bench: &impl Bench) {
    let store = bench.fresh().await;
    let at = People.nth(1).created_at;
    let one = add(&store, People.admin(1)).await;
    let disabled = add(&store, People.admin(2).with_status(StatusKind::Disabled, at)).await;
    let guard = Guard::AnotherAdminRemains(one.id);
    assert_eq!(conflict(store.commit(removal(one.id).require(guard.clone())).await), guard);
    store
        .commit(removal(disabled.id).require(Guard::AnotherAdminRemains(disabled.id)))
        .await
        .expect("the active one remains");
    let off = (*one).clone().with_status(StatusKind::Disabled, at).touched(at);
    store.commit(update(&one, off)).await.expect("no guard applies");
    assert!(!store.has_active_admin().await.expect("readable"));
}

pub(super) async fn race(
    store: &Arc<dyn Store>,
    units: impl Iterator<Item = UnitOfWork>,
) -> Vec<Result<(), CommitError>> {
    // An engine opens its connections now. Otherwise the units would wait for the first one, and follow each other on it.
    for _ in 0..3 {
        join_all((0..RIVALS).map(|number| store.user(People.nth(number).id))).await;
    }
    let tasks = units.map(|unit| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(unit).await })
    });
    join_all(tasks.collect::<Vec<_>>()).await.into_iter().map(|task| task.expect("no panic")).collect()
}
