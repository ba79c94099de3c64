//! Guards, checked against the transaction of the writer.

use roster_domain::UserId;
use roster_storage::Guard;
use roster_storage_sql::{ClaimSpace, UserGuardRow, micros, statements};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::first;
use crate::service_accounts as accounts;
use crate::{sessions, users};

statements! {
    USER = "SELECT u.version, u.auth_epoch, u.last_login_at, u.password_hash, u.unusable_credential
        FROM users u WHERE u.id = $1";
}

/// The user whom the last guard was about: several guards of a unit ask about the same one.
type LastUser = Option<(UserId, Option<UserGuardRow>)>;

/// The first guard that does not hold.
pub(crate) fn broken<'g>(
    connection: &Connection,
    guards: impl IntoIterator<Item = &'g Guard>,
) -> Result<Option<&'g Guard>, Failure> {
    let mut last = None;
    for guard in guards {
        if !holds(connection, guard, &mut last)? {
            return Ok(Some(guard));
        }
    }
    Ok(None)
}

fn holds(connection: &Connection, guard: &Guard, last: &mut LastUser) -> Result<bool, Failure> {
    match guard {
        Guard::UserAbsent(id) => Ok(!users::is_there(connection, *id)?),
        Guard::UserVersion(id, _)
        | Guard::CredentialIs(id, _)
        | Guard::LastLoginIs(id, _)
        | Guard::AuthEpoch(id, _) => user_meets(connection, *id, guard, last),
        Guard::UsernameFree(key, id) => is_free(connection, ClaimSpace::LoginName, key.as_str(), *id),
        Guard::EmailFree(key, id) => is_free(connection, ClaimSpace::LoginName, key.as_str(), *id),
        Guard::AliasFree(key, id) => is_free(connection, ClaimSpace::LoginName, key.as_str(), *id),
        Guard::ExternalIdFree(value, id) => is_free(connection, ClaimSpace::ExternalId, value.as_str(), *id),
        Guard::AnotherAdminRemains(id) => users::has_active_admin(connection, Some(*id)),
        Guard::NoActiveAdmin => Ok(!users::has_active_admin(connection, None)?),
        Guard::RefreshTokenLive(id, digest) => Ok(sessions::current_token(connection, *id)? == Some(*digest)),
        Guard::SessionExists(id) => Ok(sessions::expiry(connection, *id)?.is_some()),
        Guard::SessionOver(id, now) => {
            Ok(sessions::expiry(connection, *id)?.is_none_or(|expiry| expiry <= micros(*now)))
        }
        Guard::SessionCount(user, count) => Ok(sessions::count_of(connection, *user)? == *count),
        Guard::ServiceAccountVersion(id, version) => {
            Ok(accounts::version(connection, *id)? == Some(*version))
        }
        Guard::ServiceAccountNameFree(name, id) => {
            Ok(accounts::owner_of_name(connection, name)?.is_none_or(|owner| owner == *id))
        }
        Guard::ApiKeyPrefixFree(prefix, id) => {
            Ok(accounts::owner_of_prefix(connection, prefix)?.is_none_or(|owner| owner == *id))
        }
        Guard::ApiKeyGood(id, key) => accounts::has_good_key(connection, *id, *key),
        Guard::LastKeyUseIs(id, at) => accounts::has_last_use(connection, *id, *at),
    }
}

fn user_meets(
    connection: &Connection,
    id: UserId,
    guard: &Guard,
    last: &mut LastUser,
) -> Result<bool, Failure> {
    let row = match last.take() {
        Some((user, row)) if user == id => row,
        _ => first(connection, USER.text(), &[users::id_value(id)], |row| UserGuardRow::read(id, row))?,
    };
    let holds = row.as_ref().and_then(|row| row.meets(guard)).unwrap_or(false);
    *last = Some((id, row));
    Ok(holds)
}

fn is_free(connection: &Connection, space: ClaimSpace, value: &str, id: UserId) -> Result<bool, Failure> {
    Ok(users::owner(connection, space, value)?.is_none_or(|owner| owner == id))
}
