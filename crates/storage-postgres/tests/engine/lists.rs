//! Lists of more users than are ever sorted at once, compared with a sort in memory.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    DisplayName, EmailAddress, Limit, RoleName, RoleSet, Sort, SortKey, StatusKind, User, UserFilter, UserId,
    UserQuery, Username,
};
use roster_storage::contract::People;
use roster_storage::{Restore, Store, StoredItem};
use roster_storage_postgres::{PostgresRestore, PostgresStore};

use crate::setup::{client, open, settings};

/// More than are sorted without an index, and some of them with every ordinary value.
const COUNT: u32 = 2_600;

/// Someone whose values are those of many others, or of nobody else.
fn somebody(number: u32) -> User {
    let at = |step: u32| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::from(step));
    let scattered = number * 1_061 % COUNT;
    let mut user = People.nth(number);
    user.username =
        Username::new(format!("{}{scattered}", ["ada", "Bob", "佐藤", "zoë"][number as usize % 4])).unwrap();
    user.email = (!number.is_multiple_of(3))
        .then(|| EmailAddress::new(format!("p{scattered}@Example{}.com", number % 2)).unwrap());
    user.display_name =
        (!number.is_multiple_of(5)).then(|| DisplayName::new(format!("N{}", scattered % 7)).unwrap());
    user.created_at = at(scattered / 3);
    user.updated_at = at(number % 2);
    user.last_login_at = number.is_multiple_of(4).then(|| at(scattered));
    let role = |name: &str| RoleName::new(name).unwrap();
    let roles = [Some(role("user")), number.is_multiple_of(50).then(|| role("editor"))];
    let user = user.with_roles(RoleSet::new(roles.into_iter().flatten()).unwrap());
    let status = if number.is_multiple_of(40) { StatusKind::Disabled } else { StatusKind::Active };
    user.with_status(status, at(1))
}

async fn filled(url: &str) -> (PostgresStore, Vec<Arc<User>>) {
    let users: Vec<_> = (0..COUNT).map(|number| Arc::new(somebody(number))).collect();
    let mut restore = PostgresRestore::begin(&settings(url)).await.unwrap();
    assert!(restore.is_empty().await.unwrap());
    restore.add(users.iter().cloned().map(StoredItem::User).collect()).await.unwrap();
    Box::new(restore).finish().await.unwrap();
    (open(url).await, users)
}

fn filters() -> Vec<UserFilter> {
    let none = UserFilter::default;
    let text = |text: &str| UserFilter { text: Some(text.into()), ..none() };
    let role = |name: &str| RoleName::new(name).ok();
    vec![
        none(),
        UserFilter { role: role("user"), ..none() },
        UserFilter { role: role("editor"), ..none() },
        UserFilter { status: Some(StatusKind::Active), ..none() },
        UserFilter { status: Some(StatusKind::Disabled), ..none() },
        text("A"),
        text("藤"),
        text("da1"),
        text("\u{0}"),
        UserFilter { role: role("editor"), status: Some(StatusKind::Disabled), ..text("ada") },
        UserFilter { role: role("user"), status: Some(StatusKind::Active), ..text("e") },
    ]
}

#[tokio::test]
async fn every_order_and_filter_finds_what_a_sort_in_memory_finds() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (store, users) = filled(&database.url()).await;
    let singles = SortKey::ALL.iter().flat_map(|key| [key.as_str().to_owned(), format!("-{}", key.as_str())]);
    let pairs = ["-display_name,username", "updated_at,-created_at", "-last_login_at,-email"];
    for sort in singles.chain(pairs.map(str::to_owned)) {
        let sort = Sort::parse(&sort).unwrap();
        for filter in filters() {
            let query = UserQuery { filter, sort: sort.clone(), ..UserQuery::default() };
            check(&store, &users, query).await;
        }
    }
}

/// A walk that takes too long is given up, and the matches are sorted instead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_outlasts_a_walk_that_takes_too_long() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (store, users) = filled(&database.url()).await;
    let direct = client(&database.url()).await;
    direct.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let filter = UserFilter { text: Some("a".into()), ..UserFilter::default() };
    let query = UserQuery { filter, sort: Sort::parse("-username").unwrap(), ..UserQuery::default() };
    let (store, asked) = (Arc::new(store), query.clone());
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.users(&asked).await }
    });
    // The limit of the first walk is 50 ms.
    tokio::time::sleep(Duration::from_millis(120)).await;
    direct.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap().items.len(), query.limit.get());
    check(&store, &users, query).await;
}

/// Reads a few pages at the start, and a few around the middle.
async fn check(store: &PostgresStore, users: &[Arc<User>], query: UserQuery) {
    let mut expected: Vec<_> = users.iter().filter(|user| query.filter.matches(user)).collect();
    expected.sort_by(|a, b| query.sort.compare(&query.sort.position(a), &query.sort.position(b)));
    let ids: Vec<UserId> = expected.iter().map(|user| user.id).collect();
    for (start, limit) in [(0, 7), (ids.len() / 2, 7), (ids.len() / 3, 1_000)] {
        let after = start.checked_sub(1).and_then(|last| expected.get(last));
        let after = after.map(|user| query.sort.position(user));
        let query = UserQuery { limit: Limit::new(limit).unwrap(), after, ..query.clone() };
        let page = store.users(&query).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|user| user.id).collect();
        let end = ids.len().min(start + query.limit.get());
        assert_eq!(found, ids[start..end], "{query:?}");
        assert_eq!(page.next.is_some(), end < ids.len(), "{query:?}");
    }
}
