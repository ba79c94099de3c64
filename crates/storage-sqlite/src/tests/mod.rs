//! Tests that look inside.

mod blocked;
mod doctor;
mod files;
mod groups;
mod lists;
mod readers;
mod search;
mod statements;
mod words;

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::User;
use roster_storage::contract::reads::creation;
use roster_storage::{Change, UnitOfWork};
use rusqlite::Connection;

use crate::found_rows::add_function;
use crate::group::commit;
use crate::migrations::migrate;

/// An empty database in memory.
pub(crate) fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
    add_function(&connection).unwrap();
    connection
}

/// Adds the users, each with an audit record.
pub(crate) fn add(connection: &Connection, users: impl IntoIterator<Item = User>) -> Vec<Arc<User>> {
    let users: Vec<_> = users.into_iter().map(Arc::new).collect();
    let units: Vec<_> = users.iter().map(creation).collect();
    let last = crate::audit::last_number(connection).unwrap();
    let committed = commit(connection, &units, last).unwrap();
    assert!(committed.verdicts.iter().all(Result::is_ok));
    users
}

/// A unit that stores the user whatever was there, without an audit record of its own kind.
pub(crate) fn put(user: &Arc<User>) -> UnitOfWork {
    let record = creation(user).record().map(|record| (**record).clone()).unwrap();
    UnitOfWork::audited(record).write(Change::PutUser(Arc::clone(user)))
}
