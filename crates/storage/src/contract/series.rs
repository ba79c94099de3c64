//! Several units at once, and look-ups of several users.

use super::audit::collect;
use super::reads::{add, creation, update};
use super::{Bench, People, record};
use crate::{Change, CommitError, Guard, Store, UnitOfWork, UserKeys};
use futures_util::future::join_all;
use futures_util::{FutureExt, pin_mut};
use roster_domain::{Action, AuditQuery, ExternalId, Login, LoginAlias, StatusKind, Target, User, UserId};
use std::sync::Arc;

/// More than engines commit at once.
const MANY: u32 = 1_200;

/// The unit of an import that creates `user`.
fn import(user: &Arc<User>) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserImported, user.id))
        .require_new_user(user)
        .write(Change::PutUser(user.clone()))
}

fn broken(outcome: &Result<(), CommitError>) -> Option<&Guard> {
    match outcome {
        Err(CommitError::Conflict(conflict)) => Some(&conflict.0),
        Ok(())
        | Err(CommitError::Unavailable(_) | CommitError::Damaged(_) | CommitError::OutcomeUnknown(_)) => None,
    }
}

async fn ids_by_keys(store: &Arc<dyn Store>, keys: &UserKeys) -> Vec<UserId> {
    let mut ids: Vec<_> =
        store.users_by_keys(keys).await.expect("readable").iter().map(|user| user.id).collect();
    ids.sort_unstable();
    ids
}

/// By id, by external id, and by every name, in any spelling that compares equal.
pub async fn users_are_found_by_all_their_keys_at_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let external_id = ExternalId::new("7").expect("valid");
    let users = [
        add(&store, People.nth(1)).await,
        add(&store, People.nth(2)).await,
        add(&store, People.nth(3)).await,
        add(&store, People.nth(4).with(|user| user.external_id = Some(external_id.clone()))).await,
        add(&store, People.nth(5).with(|user| user.login_alias = LoginAlias::new("Per Son").ok())).await,
    ];
    add(&store, People.nth(6)).await;
    let keys = UserKeys {
        ids: vec![users[0].id, People.nth(9).id],
        logins: ["PERSON2", "Person3@Example.com", "per son", "nobody", "\"", "nul\0"].map(Login::new).into(),
        external_ids: vec![external_id, ExternalId::new("person1").expect("valid")],
    };
    assert_eq!(ids_by_keys(&store, &keys).await, users.each_ref().map(|user| user.id));
    let found = store.users_by_keys(&keys).await.expect("readable");
    assert!(users.iter().all(|user| found.contains(user)), "each is complete");
}

/// A user with several of the keys is found once, and no keys find nobody.
pub async fn a_user_with_several_keys_is_found_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let keys = UserKeys {
        ids: vec![user.id, user.id],
        logins: ["person1", "person1@example.com"].map(Login::new).into(),
        external_ids: Vec::new(),
    };
    assert_eq!(ids_by_keys(&store, &keys).await, [user.id]);
    assert!(ids_by_keys(&store, &UserKeys::default()).await.is_empty());
}

/// Kinds of units may follow each other, and each is decided with those before it in place.
pub async fn each_unit_of_a_series_sees_those_before_it(bench: &impl Bench) {
    let store = bench.fresh().await;
    let [one, two, three] = [1, 2, 3].map(|number| Arc::new(People.nth(number)));
    let same_name = Arc::new(People.nth(4).with(|user| user.username = one.username.clone()));
    let disabled = (*two).clone().with_status(StatusKind::Disabled, two.created_at).touched(two.created_at);
    let removal = UnitOfWork::audited(record(Action::UserDeleted, one.id))
        .require(Guard::UserVersion(one.id, one.version))
        .write(Change::RemoveUser(one.id));
    let units = vec![
        import(&one),
        import(&same_name),
        import(&two),
        update(&two, disabled.clone()),
        update(&two, disabled.clone()),
        removal,
        creation(&same_name),
        import(&three),
    ];
    let outcomes = store.commit_all(units).await;
    let accepted: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, true, true, false, true, true, true], "{outcomes:?}");
    assert!(matches!(broken(&outcomes[1]), Some(Guard::UsernameFree(..))));
    assert!(matches!(broken(&outcomes[4]), Some(Guard::UserVersion(..))));
    assert_eq!(store.user(two.id).await.expect("readable").as_deref(), Some(&disabled));
    assert_eq!(store.user(one.id).await.expect("readable"), None);
    assert!(store.commit_all(Vec::new()).await.is_empty());
}

/// New users in one series, one of whom has each kind of taken name, or an id that is in use.
pub async fn a_refused_unit_of_a_series_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let external_id = ExternalId::new("7").expect("valid");
    let holder = add(&store, People.nth(1).with(|user| user.external_id = Some(external_id.clone()))).await;
    let refused = [
        People.nth(2).with(|user| user.username = holder.username.clone()),
        People.nth(3).with(|user| user.email.clone_from(&holder.email)),
        People.nth(4).with(|user| user.external_id = Some(external_id.clone())),
        People.nth(5).with(|user| user.login_alias = LoginAlias::new("PERSON1").ok()),
        People.nth(6).with(|user| user.id = holder.id),
    ]
    .map(Arc::new);
    let welcome = [7, 8].map(|number| Arc::new(People.nth(number)));
    let users: Vec<_> = [&welcome[0]].into_iter().chain(&refused).chain([&welcome[1]]).collect();
    let outcomes = store.commit_all(users.iter().map(|user| import(user)).collect()).await;
    assert!(outcomes[0].is_ok() && outcomes[6].is_ok(), "{outcomes:?}");
    let guards: Vec<_> = outcomes[1..6].iter().map(broken).collect();
    assert!(
        matches!(
            guards[..],
            [
                Some(Guard::UsernameFree(..)),
                Some(Guard::EmailFree(..)),
                Some(Guard::ExternalIdFree(..)),
                Some(Guard::AliasFree(..)),
                Some(Guard::UserAbsent(_)),
            ]
        ),
        "{guards:?}"
    );
    let ids = refused[..4].iter().map(|user| user.id).collect();
    assert!(ids_by_keys(&store, &UserKeys { ids, ..UserKeys::default() }).await.is_empty());
    assert_eq!(store.user(holder.id).await.expect("readable"), Some(holder));
}

/// In a long series, a name or an id that somebody far before has is taken, and the others are there.
pub async fn a_unit_of_a_long_series_sees_those_far_before_it(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut users: Vec<_> = (0..MANY).map(|number| People.nth(number)).collect();
    let [first, second] = [users[10].clone(), users[700].clone()];
    users[600].username = first.username.clone();
    users[601].id = first.id;
    users[1_100].email.clone_from(&second.email);
    users[1_101].login_alias = LoginAlias::new(second.username.as_str()).ok();
    let users: Vec<_> = users.into_iter().map(Arc::new).collect();
    let outcomes = store.commit_all(users.iter().map(import).collect()).await;
    let refused: Vec<_> = (0..outcomes.len()).filter(|at| outcomes[*at].is_err()).collect();
    assert_eq!(refused, [600, 601, 1_100, 1_101], "{:?}", outcomes[refused[0]]);
    let guards: Vec<_> = refused.iter().map(|at| broken(&outcomes[*at])).collect();
    assert!(
        matches!(
            guards[..],
            [
                Some(Guard::UsernameFree(..)),
                Some(Guard::UserAbsent(_)),
                Some(Guard::EmailFree(..)),
                Some(Guard::AliasFree(..)),
            ]
        ),
        "{guards:?}"
    );
    assert_eq!(store.user(first.id).await.expect("readable").as_deref(), Some(&first));
}

/// Every user of a long series is there after a kill, and the audit log has their records in the order of the series.
pub async fn a_long_series_survives_a_kill_in_its_order(bench: &impl Bench) {
    let store = bench.fresh().await;
    let users: Vec<_> = (0..MANY).map(|number| Arc::new(People.nth(number))).collect();
    let outcomes = store.commit_all(users.iter().map(import).collect()).await;
    assert!(outcomes.len() == users.len() && outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let store = bench.reopened(store).await;
    let logins = users.iter().map(|user| Login::new(user.username.as_str())).collect();
    let mut found = store.users_by_keys(&UserKeys { logins, ..UserKeys::default() }).await.expect("readable");
    found.sort_by_key(|user| user.created_at);
    assert_eq!(found, users);
    let targets: Vec<_> = collect(&store, AuditQuery::default())
        .await
        .iter()
        .rev()
        .filter_map(|record| record.target.map(Target::id))
        .collect();
    assert!(
        targets.into_iter().eq(users.iter().map(|user| *user.id.as_uuid())),
        "the records have another order"
    );
}

/// Two series create people with the same names: everyone exists once.
pub async fn racing_series_create_everyone_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let series = |offset: u32| {
        let people = (0..200).map(move |number| {
            Arc::new(People.nth(number).with(|user| user.id = People.nth(offset + number).id))
        });
        people.map(|user| import(&user)).collect::<Vec<_>>()
    };
    let rivals = [1_000, 2_000].map(|offset| {
        let (store, units) = (Arc::clone(&store), series(offset));
        tokio::spawn(async move { store.commit_all(units).await })
    });
    let outcomes: Vec<_> =
        join_all(rivals).await.into_iter().map(|outcomes| outcomes.expect("no panic")).collect();
    for (number, (one, other)) in outcomes[0].iter().zip(&outcomes[1]).enumerate() {
        assert!(one.is_ok() != other.is_ok(), "{number}: {one:?}, {other:?}");
        let loser = if one.is_ok() { other } else { one };
        assert!(matches!(broken(loser), Some(Guard::UsernameFree(..))), "{number}: {loser:?}");
    }
}

/// Dropping the future leaves the first users of the series, or all.
pub async fn a_dropped_series_leaves_its_first_users(bench: &impl Bench) {
    let store = bench.fresh().await;
    for polls in 0..6 {
        let users: Vec<_> = (0..MANY).map(|number| Arc::new(People.nth(polls * MANY + number))).collect();
        {
            let commit = store.commit_all(users.iter().map(import).collect());
            pin_mut!(commit);
            for _ in 0..polls {
                if commit.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // A unit that comes later: the engine has taken what came before.
        add(&store, People.nth(100_000 + polls)).await;
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let found = ids_by_keys(&store, &UserKeys { ids: ids.clone(), ..UserKeys::default() }).await;
        assert!(ids.starts_with(&found), "{} users after {polls} polls, not the first ones", found.len());
    }
}
