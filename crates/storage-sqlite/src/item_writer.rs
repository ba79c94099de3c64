//! Adds the items of a snapshot to a database.

use roster_storage::{Change, RestoreError, StoredItem};
use roster_storage_sql::{RestoreOrder, has_no_user, item_name, occurs_twice};
use rusqlite::Connection;

use crate::effects::Effects;
use crate::{audit, changes, service_accounts, sessions, users};

/// Adds items in the order of a snapshot, and refuses those that do not fit.
#[derive(Default)]
pub(crate) struct ItemWriter {
    order: RestoreOrder,
    /// Every item is new, so nothing of the search index is left to change afterwards.
    effects: Effects,
}

impl ItemWriter {
    /// Goes on after the items in this database.
    pub(crate) fn after(connection: &Connection) -> rusqlite::Result<Self> {
        let last = audit::last_number(connection)?.cast_unsigned();
        Ok(Self { order: RestoreOrder::after(last), effects: Effects::default() })
    }

    /// Adds an item.
    pub(crate) fn write(&mut self, connection: &Connection, item: &StoredItem) -> Result<(), RestoreError> {
        let (is_there, change) = match item {
            StoredItem::User(user) => (users::is_there(connection, user.id)?, Change::PutUser(user.clone())),
            StoredItem::ServiceAccount(account) => {
                let present = service_accounts::version(connection, account.id)?;
                (present.is_some(), Change::PutServiceAccount(account.clone()))
            }
            StoredItem::Session(session) => {
                if !users::is_there(connection, session.user)? {
                    return Err(has_no_user(item));
                }
                let present = sessions::expiry(connection, session.id)?.is_some()
                    || sessions::session_by_family(connection, session.refresh.family)?.is_some();
                (present, Change::PutSession(session.clone()))
            }
            StoredItem::Audit(position, record) => {
                self.order.accept(*position, record.id)?;
                // `accept` has refused greater numbers.
                let number = i64::try_from(position.get()).unwrap_or(i64::MAX);
                return Ok(audit::insert(connection, number, record)?);
            }
        };
        if is_there {
            return Err(occurs_twice(item));
        }
        let taken = changes::apply(connection, &change, &[], &mut self.effects)?;
        taken.map_or(Ok(()), |taken| Err(RestoreError::Clash { item: item_name(item), taken }))
    }
}
