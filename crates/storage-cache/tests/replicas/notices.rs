//! A change that one server makes is heard by the other.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roster_domain::Action;
use roster_storage::contract::sessions::{login, session};
use roster_storage::contract::{People, record};
use roster_storage::{Change, Restore, Store, StoredItem, UnitOfWork};
use roster_storage_postgres::{PostgresRestore, PostgresStoreSettings};

use crate::setup::{add, disable, is_active, open, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_was_disabled_at_one_server_is_disabled_at_the_other() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (first, second) = (open(&database.url(), "first").await, open(&database.url(), "second").await);
    let user = add(&first, 1).await;
    // The notice of the new user may still be on its way.
    let is_kept = async || is_active(&second, &user).await && second.cache().metrics().users.hits > 0;
    until("the other server keeps the user", is_kept).await;
    disable(&first, &user).await;
    assert!(!is_active(&first, &user).await, "a server reads its own writes");
    until("the other server hears of it", async || !is_active(&second, &user).await).await;
}

/// What ends by itself is more than fits into one notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_changes_of_one_unit_are_all_heard() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (first, second) = (open(&database.url(), "first").await, open(&database.url(), "second").await);
    let mut sessions = Vec::new();
    let mut end = UnitOfWork::audited(record(Action::SessionsRevoked, People.nth(0).id));
    for number in 0..250_u8 {
        let user = add(&first, number.into()).await;
        let session = session(&user, number);
        first.commit(login(&session)).await.unwrap();
        end = end.write(Change::RemoveSession(session.id));
        sessions.push(session);
    }
    for session in &sessions {
        assert!(second.user_session(session.id, session.user).await.unwrap().is_some());
    }
    first.commit(end).await.unwrap();
    for session in &sessions {
        let is_over = async || second.user_session(session.id, session.user).await.unwrap().is_none();
        until("the session is over", is_over).await;
    }
}

/// A command ends right after its change. There is one thread, so that nothing is sent before the store is asked to finish.
#[tokio::test]
async fn a_change_just_before_the_end_of_a_server_is_heard() {
    let Some(database) = roster_test_postgres::database() else { return };
    let second = open(&database.url(), "second").await;
    for number in 1..=10 {
        let first = open(&database.url(), "first").await;
        let heard = second.cache().metrics().invalidations;
        let user = add(&first, number).await;
        let is_heard = async || second.cache().metrics().invalidations > heard;
        until("the other server hears of the new user", is_heard).await;
        assert!(is_active(&second, &user).await);
        disable(&first, &user).await;
        first.store().finish().await;
        drop(first);
        until("the other server hears of it", async || !is_active(&second, &user).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_heard_by_running_servers() {
    let Some(database) = roster_test_postgres::database() else { return };
    let server = open(&database.url(), "server").await;
    let (gone, new) = (add(&server, 1).await, Arc::new(People.nth(2)));
    assert!(is_active(&server, &gone).await);
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    let settings = PostgresStoreSettings::new(database.url().parse().unwrap(), now);
    let mut restore = PostgresRestore::begin(&settings).await.unwrap();
    restore.add(vec![StoredItem::User(new.clone())]).await.unwrap();
    Box::new(restore).finish().await.unwrap();
    until("the replaced user is gone", async || !is_active(&server, &gone).await).await;
    assert!(is_active(&server, &new).await);
}
