//! Groups of units.

use std::sync::Arc;

use roster_domain::{User, fixtures};
use roster_storage::contract::reads::{creation, update};
use roster_storage::{Change, CommitError, Guard};

use super::{add, database, put};
use crate::group::{GroupError, commit};
use crate::guards::broken;
use crate::users;

fn user(number: u32) -> Arc<User> {
    Arc::new(fixtures::user(number))
}

#[test]
fn a_unit_sees_the_earlier_units_of_its_group() {
    let connection = database();
    let first = user(1);
    let second = Arc::new((*first).clone().touched(first.updated_at));
    let stale = update(&first, (*first).clone());
    let units = [creation(&first), update(&first, (*second).clone()), stale];
    let committed = commit(&connection, &units, 0).unwrap();
    let held: Vec<_> = committed.verdicts.iter().map(Result::is_ok).collect();
    assert_eq!((held, committed.last_number), (vec![true, true, false], 2));
    assert_eq!(users::user(&connection, first.id).unwrap().as_ref(), Some(&*second));
}

#[test]
fn guards_about_several_users_are_each_checked_against_their_own_row() {
    let connection = database();
    let other = fixtures::user(2);
    let users = add(&connection, [fixtures::user(1), other.clone().touched(other.updated_at)]);
    let [one, two] = [&users[0], &users[1]].map(|user| Guard::UserVersion(user.id, user.version));
    let wrong = Guard::UserVersion(users[1].id, users[0].version);
    let credential = Guard::CredentialIs(users[0].id, users[0].credential.clone());
    assert_eq!(broken(&connection, &[one.clone(), two, credential, one.clone()]).unwrap(), None);
    assert_eq!(broken(&connection, &[one, wrong.clone()]).unwrap(), Some(&wrong));
}

#[test]
fn a_refused_unit_does_not_undo_its_neighbours() {
    let connection = database();
    let [one, twin, other] = [user(1), user(2), user(3)];
    let twin = Arc::new((*twin).clone().with(|twin| twin.username = one.username.clone()));
    // The second change of the second unit is refused after the first was made.
    let half = put(&other).write(Change::PutUser(twin));
    let committed = commit(&connection, &[put(&one), half, put(&user(4))], 0).unwrap();
    let held: Vec<_> = committed.verdicts.iter().map(Result::is_ok).collect();
    assert_eq!(held, [true, false, true]);
    for (number, is_there) in [(1, true), (2, false), (3, false), (4, true)] {
        assert_eq!(users::is_there(&connection, user(number).id).unwrap(), is_there, "{number}");
    }
}

#[test]
fn a_full_disk_refuses_the_whole_group_and_leaves_nothing() {
    let connection = database();
    add(&connection, (0..200).map(fixtures::user));
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    let units: Vec<_> = (1_000..2_000).map(|number| creation(&user(number))).collect();
    let Err(error) = commit(&connection, &units, 200) else { panic!("there is no room") };
    assert!(matches!(error, GroupError::Unit(_)) && !error.is_of_one_unit(), "{error:?}");
    let errors = error.for_callers(units.len());
    assert!(errors.iter().all(|error| matches!(error, CommitError::Unavailable(_))));
    assert!(!users::is_there(&connection, user(1_000).id).unwrap());
    assert!(connection.is_autocommit());
}

#[test]
fn an_unchanged_user_is_not_written() {
    let connection = database();
    let user = add(&connection, [fixtures::user(1)]).remove(0);
    let changes = connection.total_changes();
    commit(&connection, &[put(&user)], 1).unwrap();
    assert_eq!(connection.total_changes() - changes, 1, "the audit record alone");
}
