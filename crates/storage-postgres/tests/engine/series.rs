//! Long series, whose transactions are under way side by side.

use std::sync::Arc;

use roster_domain::User;
use roster_storage::{CommitError, Store, UnitOfWork};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};
use tokio_postgres::Client;

use crate::setup::{client, person, settings, value};

/// More than two transactions of a series.
const MANY: u32 = 1_200;

/// A person in the first transaction, and one in the second.
const FIRST: u32 = 10;
const SECOND: u32 = 600;

async fn open(url: &str) -> PostgresStore {
    let settings = PostgresStoreSettings { timeouts: Timeouts::default(), ..settings(url) };
    PostgresStore::open(settings).await.unwrap()
}

fn series() -> (Vec<Arc<User>>, Vec<UnitOfWork>) {
    (0..MANY).map(person).unzip()
}

/// Makes every attempt to create this user fail.
fn fail_at(user: &User) -> String {
    format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$; \
         CREATE TRIGGER fail BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.id = '{}') EXECUTE FUNCTION fail()",
        user.id
    )
}

#[tokio::test]
async fn what_follows_a_failed_unit_is_not_there() {
    for number in [FIRST, SECOND] {
        let Some(database) = roster_test_postgres::database() else { return };
        let store = open(&database.url()).await;
        let direct = client(&database.url()).await;
        let (users, units) = series();
        direct.batch_execute(&fail_at(&users[number as usize])).await.unwrap();
        let outcomes = store.commit_all(units).await;
        assert_eq!(outcomes.len(), users.len());
        let committed = outcomes.iter().take_while(|outcome| outcome.is_ok()).count();
        assert_eq!(committed, number as usize);
        let is_unavailable = |outcome| matches!(outcome, &Err(CommitError::Unavailable(_)));
        assert!(outcomes[committed..].iter().all(is_unavailable), "{:?}", outcomes[committed]);
        assert_eq!(value::<i64>(&direct, "SELECT count(*) FROM users").await, i64::from(number));
    }
}

/// The store has a transaction that waits for a lock, and another one that waits for it.
async fn are_waiting(direct: &Client) -> bool {
    let states = "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') > 0 \
        AND count(*) FILTER (WHERE state = 'idle in transaction') > 0 \
        FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster'";
    value(direct, states).await
}

#[tokio::test]
async fn a_transaction_that_is_ahead_gives_way_to_another_program() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let (other, direct) = (client(&database.url()).await, client(&database.url()).await);
    let (users, units) = series();
    let take = |number: u32| {
        let user = &users[number as usize];
        format!("INSERT INTO login_names SELECT '{}', id FROM users", user.username.key().as_str())
    };
    // Their owner, who is not in the series.
    store.commit(person(MANY).1).await.unwrap();
    other.batch_execute(&format!("BEGIN; {}", take(FIRST))).await.unwrap();
    let rival = async {
        while !are_waiting(&direct).await {
            tokio::task::yield_now().await;
        }
        other.batch_execute(&take(SECOND)).await.unwrap();
        other.batch_execute("ROLLBACK").await.unwrap();
    };
    let (outcomes, ()) = tokio::join!(store.commit_all(units), rival);
    assert!(outcomes.iter().all(Result::is_ok), "{:?}", outcomes.iter().find(|outcome| outcome.is_err()));
}
