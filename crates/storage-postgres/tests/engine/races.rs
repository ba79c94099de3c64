//! Units that exclude each other, on connections that are open already, again and again.

use std::sync::Arc;

use futures_util::future::join_all;
use roster_domain::{Action, Session, UserId};
use roster_storage::contract::sessions::{login, session};
use roster_storage::contract::{People, record};
use roster_storage::{Change, CommitError, Guard, Store, UnitOfWork};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};

use crate::setup::{add, settings};

const ROUNDS: u32 = 20;
const RIVALS: usize = 8;

/// A store whose connections are all open.
async fn warm(url: &str) -> Arc<PostgresStore> {
    let settings =
        PostgresStoreSettings { timeouts: Timeouts::default(), pool_size: RIVALS, ..settings(url) };
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let id = People.nth(0).id;
    for _ in 0..3 {
        join_all((0..RIVALS * 2).map(|_| store.user(id))).await;
    }
    store
}

/// Commits all units at once, and returns how many were committed. The others met a conflict.
async fn race(store: &Arc<PostgresStore>, units: Vec<UnitOfWork>) -> usize {
    let tasks = units.into_iter().map(|unit| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.commit(unit).await })
    });
    let outcomes = join_all(tasks.collect::<Vec<_>>()).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap()).collect();
    for outcome in &outcomes {
        assert!(matches!(outcome, Ok(()) | Err(CommitError::Conflict(_))), "{outcome:?}");
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_administrators_who_remove_each_other_one_stays() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = warm(&database.url()).await;
    let unit = |id: UserId| UnitOfWork::audited(record(Action::UserDeleted, id));
    for round in 0..ROUNDS {
        let admins = [1, 2].map(|number| Arc::new(People.admin(round * 2 + number)));
        let creations = admins.iter().map(|admin| unit(admin.id).write(Change::PutUser(admin.clone())));
        assert_eq!(race(&store, creations.collect()).await, 2);
        let remove = |id| unit(id).require(Guard::AnotherAdminRemains(id)).write(Change::RemoveUser(id));
        assert_eq!(race(&store, admins.iter().map(|admin| remove(admin.id)).collect()).await, 1);
        let rest = admins.iter().map(|admin| unit(admin.id).write(Change::RemoveUser(admin.id)));
        race(&store, rest.collect()).await;
        assert!(!store.has_active_admin().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_logins_that_count_the_same_sessions_one_is_made() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = warm(&database.url()).await;
    for round in 0..ROUNDS {
        let user = add(&store, round).await;
        let sessions: Vec<Session> =
            (0..8).map(|number| session(&user, u8::try_from(round * 8).unwrap() + number)).collect();
        let logins = sessions.iter().map(|session| login(session).require(Guard::SessionCount(user.id, 0)));
        assert_eq!(race(&store, logins.collect()).await, 1);
        assert_eq!(store.sessions(user.id).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_32_registrations_with_one_address_one_is_made() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = warm(&database.url()).await;
    for round in 0..ROUNDS / 4 {
        let email = People.nth(10_000 + round).email;
        let units = (0..32).map(|number| {
            let user = People.nth(round * 32 + number).with(|user| user.email.clone_from(&email));
            let work = UnitOfWork::audited(record(Action::UserCreated, user.id)).require_names_free(&user);
            work.write(Change::PutUser(Arc::new(user)))
        });
        assert_eq!(race(&store, units.collect()).await, 1);
    }
}

/// Each of two users changes the other, under the guard that nobody has changed them meanwhile: the locks form a ring.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_resolved() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = warm(&database.url()).await;
    let users = [add(&store, 1).await, add(&store, 2).await];
    for _ in 0..ROUNDS / 4 {
        let units = [(0, 1), (1, 0)].map(|(actor, target): (usize, usize)| {
            let (actor, target) = (&users[actor], &users[target]);
            UnitOfWork::audited(record(Action::UserUpdated, target.id))
                .require(Guard::AuthEpoch(actor.id, actor.auth_epoch))
                .write(Change::PutUser(target.clone()))
        });
        assert_eq!(race(&store, units.into()).await, 2);
    }
}
