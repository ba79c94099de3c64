//! Changes, applied in the transaction of the writer after their guards were checked.

use roster_domain::{RoleSet, ServiceAccount, ServiceAccountId, Session, SessionId, User, UserId};
use roster_storage::{Change, Guard};
use roster_storage_sql::{
    AccountRow, ClaimSpace, KeyRow, SessionRow, UserRow, Value, claims, micros, search_text, statements,
};
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use crate::effects::{Effects, imported_hash};
use crate::failure::Failure;
use crate::rows::{Bound, execute};
use crate::service_accounts as accounts;
use crate::upsert::{Changed, Put, Table};
use crate::{sessions, users};

statements! {
    USER = "SELECT u.n, u.search, {users:written} FROM users u WHERE u.id = $1";
    INSERT_USER = "INSERT INTO users {users:insert}";
    DELETE_USER = "DELETE FROM users WHERE id = $1 RETURNING n, search";
    INSERT_NAME = "INSERT INTO login_names (name, user_id) VALUES ($1, $2)";
    DELETE_NAME = "DELETE FROM login_names WHERE name = $1 AND user_id = $2";
    INSERT_ROLE = "INSERT INTO user_roles (role, created_at, user_id) VALUES ($1, $2, $3)";
    DELETE_ROLE = "DELETE FROM user_roles WHERE role = $1 AND created_at = $2 AND user_id = $3";
    SESSION = "SELECT {sessions:written} FROM sessions s WHERE s.id = $1";
    INSERT_SESSION = "INSERT INTO sessions {sessions:insert}";
    DELETE_SESSION = "DELETE FROM sessions WHERE id = $1";
    DELETE_SESSIONS_OF = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";
    ACCOUNT = "SELECT {accounts} FROM service_accounts a WHERE a.id = $1";
    INSERT_ACCOUNT = "INSERT INTO service_accounts {accounts:insert}";
    DELETE_ACCOUNT = "DELETE FROM service_accounts WHERE id = $1";
    KEY = "SELECT {keys} FROM api_keys k WHERE k.id = $1";
    INSERT_KEY = "INSERT INTO api_keys {keys:insert}";
    DELETE_KEY = "DELETE FROM api_keys WHERE id = $1";
    DELETE_KEYS_OF = "DELETE FROM api_keys WHERE account_id = $1";
}

const USERS: Table = Table {
    name: UserRow::TABLE,
    columns: &[&UserRow::COLUMNS, &UserRow::DERIVED],
    select: &USER,
    insert: &INSERT_USER,
};
const SESSIONS: Table = Table {
    name: SessionRow::TABLE,
    columns: &[&SessionRow::COLUMNS, &SessionRow::DERIVED],
    select: &SESSION,
    insert: &INSERT_SESSION,
};
const ACCOUNTS: Table = Table {
    name: AccountRow::TABLE,
    columns: &[&AccountRow::COLUMNS],
    select: &ACCOUNT,
    insert: &INSERT_ACCOUNT,
};
const KEYS: Table =
    Table { name: KeyRow::TABLE, columns: &[&KeyRow::COLUMNS], select: &KEY, insert: &INSERT_KEY };

/// Makes the change. A unique value that belongs to another row is the returned conflict; nothing was changed then. The
/// guards in `held` have just been found to hold.
pub(crate) fn apply(
    connection: &Connection,
    change: &Change,
    held: &[Guard],
    effects: &mut Effects,
) -> Result<Option<Guard>, Failure> {
    match change {
        Change::PutUser(user) => put_user(connection, user, held, effects),
        Change::PutServiceAccount(account) => put_account(connection, account),
        Change::RemoveUser(id) => remove_user(connection, *id, effects).map(|()| None),
        Change::PutSession(session) => put_session(connection, session, effects).map(|()| None),
        Change::RemoveSession(id) => {
            let removed = execute(connection, DELETE_SESSION.text(), &[sessions::id_value(*id)])?;
            effects.tally.remove_sessions(removed);
            Ok(None)
        }
        Change::RemoveSessionsOf { user, keep } => {
            remove_sessions_of(connection, *user, *keep, effects).map(|()| None)
        }
        Change::RemoveServiceAccount(id) => remove_account(connection, *id).map(|()| None),
    }
}

/// What is stored of a user who is about to change.
struct Before<'v, 'a> {
    n: i64,
    /// The searched text.
    search: String,
    changed: Vec<Changed<'v, 'a>>,
}

impl Before<'_, '_> {
    fn has_changed(&self, names: &[&str]) -> bool {
        self.changed.iter().any(|(column, _)| names.contains(column))
    }
}

fn put_user(
    connection: &Connection,
    user: &User,
    held: &[Guard],
    effects: &mut Effects,
) -> Result<Option<Guard>, Failure> {
    let values = UserRow::values(user);
    if held.contains(&Guard::UserAbsent(user.id)) {
        return insert_user(connection, user, &values, held, effects);
    }
    let before = {
        let mut statement = connection.prepare_cached(USER.text())?;
        let mut rows = statement.query(params_from_iter(values.first().map(Bound)))?;
        let before = |row: &rusqlite::Row<'_>| {
            let (n, search, changed) = (row.get(0)?, row.get(1)?, USERS.changed(row, 2, &values)?);
            Ok::<_, rusqlite::Error>(Before { n, search, changed })
        };
        rows.next()?.map(before).transpose()?
    };
    match before {
        Some(before) => change_user(connection, user, before, effects),
        None => insert_user(connection, user, &values, held, effects),
    }
}

fn insert_user(
    connection: &Connection,
    user: &User,
    values: &[Value<'_>],
    held: &[Guard],
    effects: &mut Effects,
) -> Result<Option<Guard>, Failure> {
    let claims = claims(user);
    let open = claims.iter().filter(|claim| !claim.is_covered_by(held));
    if let Some(claim) = users::taken(connection, user.id, open)? {
        return Ok(Some(claim.guard.clone()));
    }
    execute(connection, INSERT_USER.text(), values)?;
    let n = connection.last_insert_rowid();
    for claim in claims.iter().filter(|claim| claim.space == ClaimSpace::LoginName) {
        execute(connection, INSERT_NAME.text(), &[Value::text(&*claim.value), users::id_value(user.id)])?;
    }
    insert_roles(connection, user)?;
    effects.add_user(connection, n, user)?;
    Ok(None)
}

fn change_user(
    connection: &Connection,
    user: &User,
    before: Before<'_, '_>,
    effects: &mut Effects,
) -> Result<Option<Guard>, Failure> {
    let has_new_names = before.has_changed(&["username_key", "email_key", "login_alias", "external_id"]);
    if has_new_names && let Some(claim) = users::taken(connection, user.id, &claims(user))? {
        return Ok(Some(claim.guard.clone()));
    }
    let has_new_roles = before.has_changed(&["roles", "created_at"]);
    if (has_new_names || has_new_roles)
        && let Some(old) = users::user(connection, user.id)?
    {
        if has_new_names {
            move_names(connection, &old, user)?;
        }
        if has_new_roles {
            write_roles(connection, DELETE_ROLE.text(), &old)?;
            insert_roles(connection, user)?;
        }
    }
    if before.has_changed(&["password_hash"])
        && let Some(old) = users::user(connection, user.id)?
    {
        effects.tally.remove_hash(imported_hash(&old));
        effects.tally.add_hash(imported_hash(user));
    }
    if before.has_changed(&["search"]) {
        effects.search.replace(before.n, before.search, search_text(user));
    }
    USERS.update(connection, &before.changed, &users::id_value(user.id))?;
    Ok(None)
}

fn move_names(connection: &Connection, old: &User, new: &User) -> Result<(), Failure> {
    let (before, after) = (login_names(old), login_names(new));
    let id = users::id_value(new.id);
    delete_names(connection, before.iter().filter(|name| !after.contains(name)), new.id)?;
    for name in after.iter().filter(|name| !before.contains(name)) {
        execute(connection, INSERT_NAME.text(), &[Value::text(name.as_str()), id.clone()])?;
    }
    Ok(())
}

/// Deletes login names of a user.
pub(crate) fn delete_names(
    connection: &Connection,
    names: impl IntoIterator<Item = impl AsRef<str>>,
    user: UserId,
) -> Result<(), Failure> {
    names.into_iter().try_for_each(|name| {
        execute(connection, DELETE_NAME.text(), &[Value::text(name.as_ref()), users::id_value(user)])
            .map(drop)
    })
}

fn login_names(user: &User) -> Vec<String> {
    let names = claims(user).into_iter().filter(|claim| claim.space == ClaimSpace::LoginName);
    names.map(|claim| claim.value).collect()
}

/// Inserts the roles of a user.
pub(crate) fn insert_roles(connection: &Connection, user: &User) -> Result<(), Failure> {
    write_roles(connection, INSERT_ROLE.text(), user)
}

fn write_roles(connection: &Connection, sql: &str, user: &User) -> Result<(), Failure> {
    let created_at = Value::Number(micros(user.created_at));
    for role in RoleSet::iter(user.roles()) {
        let values = [Value::text(role.as_str()), created_at.clone(), users::id_value(user.id)];
        execute(connection, sql, &values)?;
    }
    Ok(())
}

fn remove_user(connection: &Connection, id: UserId, effects: &mut Effects) -> Result<(), Failure> {
    let Some(old) = users::user(connection, id)? else { return Ok(()) };
    delete_names(connection, login_names(&old), id)?;
    write_roles(connection, DELETE_ROLE.text(), &old)?;
    let mut statement = connection.prepare_cached(DELETE_USER.text())?;
    let removed = statement
        .query_row(params_from_iter([Bound(&users::id_value(id))]), |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some((n, text)) = removed.optional()? {
        effects.search.remove(n, text);
    }
    effects.tally.remove_user();
    effects.tally.remove_hash(imported_hash(&old));
    remove_sessions_of(connection, id, None, effects)
}

/// Stores the session, unless its user is gone.
fn put_session(connection: &Connection, session: &Session, effects: &mut Effects) -> Result<(), Failure> {
    if users::is_there(connection, session.user)?
        && SESSIONS.put(connection, &SessionRow::values(session))? == Put::Inserted
    {
        effects.tally.add_session();
    }
    Ok(())
}

fn remove_sessions_of(
    connection: &Connection,
    user: UserId,
    keep: Option<SessionId>,
    effects: &mut Effects,
) -> Result<(), Failure> {
    let keep = keep.map_or(Value::Bytes((&[][..]).into()), sessions::id_value);
    let removed = execute(connection, DELETE_SESSIONS_OF.text(), &[users::id_value(user), keep])?;
    effects.tally.remove_sessions(removed);
    Ok(())
}

fn put_account(connection: &Connection, account: &ServiceAccount) -> Result<Option<Guard>, Failure> {
    let id = account.id;
    let is_taken = |owner: Option<ServiceAccountId>| owner.is_some_and(|owner| owner != id);
    if is_taken(accounts::owner_of_name(connection, &account.name)?) {
        return Ok(Some(Guard::ServiceAccountNameFree(account.name.clone(), id)));
    }
    for key in &account.keys {
        if is_taken(accounts::owner_of_prefix(connection, &key.prefix)?) {
            return Ok(Some(Guard::ApiKeyPrefixFree(key.prefix, id)));
        }
    }
    ACCOUNTS.put(connection, &AccountRow::values(account))?;
    for old in accounts::keys(connection, id)? {
        if account.key(old.id).is_none() {
            execute(connection, DELETE_KEY.text(), &[Value::Id(*old.id.as_uuid())])?;
        }
    }
    for (position, key) in account.keys.iter().enumerate() {
        KEYS.put(connection, &KeyRow::values(id, position, key))?;
    }
    Ok(None)
}

fn remove_account(connection: &Connection, id: ServiceAccountId) -> Result<(), Failure> {
    execute(connection, DELETE_KEYS_OF.text(), &[accounts::id_value(id)])?;
    execute(connection, DELETE_ACCOUNT.text(), &[accounts::id_value(id)])?;
    Ok(())
}
