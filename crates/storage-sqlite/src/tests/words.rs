//! Words that a newer Roster wrote, and rows that are invalid.

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Permission, ServiceAccount, fixtures};
use roster_storage::contract::service_accounts::{creation, service_account};
use roster_storage::{Change, UnitOfWork};
use rusqlite::Connection;

use super::{add, database, put};
use crate::group::commit;
use crate::{service_accounts, users};

fn permissions(connection: &Connection) -> String {
    connection.query_row("SELECT permissions FROM api_keys", [], |row| row.get(0)).unwrap()
}

fn write(connection: &Connection, account: ServiceAccount) {
    let record = creation(&Arc::new(account.clone())).record().map(|record| (**record).clone()).unwrap();
    let unit = UnitOfWork::audited(record).write(Change::PutServiceAccount(Arc::new(account)));
    let last = crate::audit::last_number(connection).unwrap();
    assert!(commit(connection, &[unit], last).unwrap().verdicts[0].is_ok());
}

#[test]
fn a_permission_of_a_newer_roster_grants_nothing_and_stays_until_somebody_changes_the_others() {
    let connection = database();
    let account = service_account(1);
    commit(&connection, &[creation(&Arc::new(account.clone()))], 0).unwrap();
    let newer = r#"["users:read","groups:manage"]"#;
    connection.execute("UPDATE api_keys SET permissions = $1", [newer]).unwrap();
    let read = service_accounts::account(&connection, account.id).unwrap().unwrap();
    assert_eq!(read.keys[0].permissions.known(), account.keys[0].permissions.known());
    let key = account.keys[0].id;
    write(&connection, read.clone().used(key, Timestamp::UNIX_EPOCH));
    assert_eq!(permissions(&connection), newer, "a use of the key keeps it");
    let mut changed = read;
    changed.keys[0].permissions = [Permission::UsersRead, Permission::AuditRead].into_iter().collect();
    write(&connection, changed);
    assert_eq!(permissions(&connection), r#"["audit:read","users:read"]"#);
}

#[test]
fn a_field_of_a_newer_roster_stays_when_an_older_one_changes_the_user() {
    let connection = database();
    let user = add(&connection, [fixtures::user(1)]).remove(0);
    connection.execute("UPDATE users SET more = '{\"shoe_size\":43}'", []).unwrap();
    assert_eq!(users::user(&connection, user.id).unwrap().unwrap(), *user);
    let changed = Arc::new((*user).clone().touched(Timestamp::UNIX_EPOCH));
    let last = crate::audit::last_number(&connection).unwrap();
    assert!(commit(&connection, &[put(&changed)], last).unwrap().verdicts[0].is_ok());
    assert_eq!(users::user(&connection, user.id).unwrap().unwrap(), *changed);
    let more: String = connection.query_row("SELECT more FROM users", [], |row| row.get(0)).unwrap();
    assert_eq!(more, r#"{"shoe_size":43}"#);
}

#[test]
fn an_invalid_row_is_an_error_that_names_its_place() {
    let connection = database();
    let user = add(&connection, [fixtures::user(1)]).remove(0);
    for (column, value) in [
        ("status", "'asleep'"),
        ("roles", "'{'"),
        ("more", "'[]'"),
        ("username", "'a b'"),
        ("created_at", "9223372036854775807"),
    ] {
        let kept: rusqlite::types::Value =
            connection.query_row(&format!("SELECT {column} FROM users"), [], |row| row.get(0)).unwrap();
        connection.execute(&format!("UPDATE users SET {column} = {value}"), []).unwrap();
        let error = users::user(&connection, user.id).unwrap_err().to_string();
        assert!(
            error.contains("users") && error.contains(&user.id.to_string()) && error.contains(column),
            "{error}"
        );
        connection.execute(&format!("UPDATE users SET {column} = $1"), [kept]).unwrap();
    }
    users::user(&connection, user.id).unwrap();
}
