//! The search index after changes.

use std::sync::Arc;

use roster_domain::{DisplayName, User, UserId, Username, fixtures};
use roster_storage::{Change, UnitOfWork};
use rusqlite::Connection;

use super::{add, database, put};
use crate::group::commit;

/// Whether the index contains exactly what the users have.
fn is_exact(connection: &Connection) -> bool {
    let check = "INSERT INTO user_search (user_search, rank) VALUES ('integrity-check', 1)";
    connection.execute(check, []).is_ok()
}

fn renamed(user: &User, name: &str) -> Arc<User> {
    Arc::new(user.clone().with(|user| user.display_name = DisplayName::new(name).ok()))
}

fn removal(id: UserId) -> UnitOfWork {
    let record = put(&Arc::new(fixtures::user(0))).record().map(|record| (**record).clone()).unwrap();
    UnitOfWork::audited(record).write(Change::RemoveUser(id))
}

#[test]
fn the_search_index_follows_changes_of_names() {
    let connection = database();
    let users = add(&connection, (1..=4).map(fixtures::user));
    let names =
        ["Person Number 1", "Person 1", "person1@example", "Ada", "Aда Lovelace", "李", "Number", "A", ""];
    for (number, name) in names.iter().enumerate() {
        // In a descending order, some of them twice, and the last one back to what it was.
        let changed = users.iter().rev().map(|user| renamed(user, name));
        let again = users.iter().map(|user| renamed(user, &format!("{name} {number}")));
        let back = [renamed(&users[0], names[0])];
        let units: Vec<_> = changed.chain(again).chain(back).map(|user| put(&user)).collect();
        commit(&connection, &units, 4 + 100 * i64::try_from(number).unwrap()).unwrap();
        assert!(is_exact(&connection), "{name}");
    }
}

#[test]
fn the_search_index_has_the_newest_user_of_a_row_that_several_have_had() {
    let connection = database();
    let users = add(&connection, (1..=3).map(fixtures::user));
    let next = Arc::new(fixtures::user(3).with(|user| {
        user.id = fixtures::user(9).id;
        user.username = Username::new("person3-again").unwrap();
    }));
    let units = [removal(users[2].id), put(&next), put(&renamed(&next, "Ada")), removal(users[0].id)];
    commit(&connection, &units, 3).unwrap();
    assert!(is_exact(&connection));
}

#[test]
fn a_refused_unit_leaves_the_search_index_as_it_was() {
    let connection = database();
    let users = add(&connection, (1..=2).map(fixtures::user));
    let twin = Arc::new(fixtures::user(9).with(|twin| twin.username = users[1].username.clone()));
    let half = put(&renamed(&users[0], "Ada")).write(Change::PutUser(twin));
    let committed = commit(&connection, &[put(&renamed(&users[1], "Grace")), half], 2).unwrap();
    assert!(committed.verdicts[1].is_err());
    assert!(is_exact(&connection));
}
