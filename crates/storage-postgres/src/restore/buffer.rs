//! Rows on their way to the server, copied in batches.

use std::borrow::Cow;

use roster_domain::{ServiceAccount, User};
use roster_storage::StoredItem;
use roster_storage_sql::{
    AccountRow, AuditRow, ClaimSpace, KeyRow, SessionRow, UserRow, Value, claims, search_text,
};

use crate::connection::DatabaseError;
use crate::parameter::Parameter;
use crate::search::grams;
use crate::transaction::Transaction;

/// So many rows of a table are sent at once.
const BATCH: usize = 4_096;

/// The rows of each table that were not sent yet.
pub(crate) struct Buffers([Buffer; 8]);

struct Buffer {
    table: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Parameter<'static>>>,
}

const USERS: usize = 0;
const LOGIN_NAMES: usize = 1;
const ROLES: usize = 2;
const GRAMS: usize = 3;
const ACCOUNTS: usize = 4;
const KEYS: usize = 5;
const SESSIONS: usize = 6;
const AUDIT: usize = 7;

impl Default for Buffers {
    fn default() -> Self {
        let buffer = |table, columns: &[&[_]]| Buffer { table, columns: columns.concat(), rows: Vec::new() };
        Self([
            buffer(UserRow::TABLE, &[&UserRow::COLUMNS, &UserRow::DERIVED]),
            buffer("login_names", &[&["name", "user_id"]]),
            buffer("user_roles", &[&["role", "created_at", "user_id"]]),
            buffer("search_grams", &[&["user_id", "grams"]]),
            buffer(AccountRow::TABLE, &[&AccountRow::COLUMNS]),
            buffer(KeyRow::TABLE, &[&KeyRow::COLUMNS]),
            buffer(SessionRow::TABLE, &[&SessionRow::COLUMNS, &SessionRow::DERIVED]),
            buffer(AuditRow::TABLE, &[&[AuditRow::POSITION], &AuditRow::COLUMNS]),
        ])
    }
}

impl Buffers {
    /// Adds the rows of an item.
    pub(crate) fn add(&mut self, item: &StoredItem) {
        match item {
            StoredItem::User(user) => self.add_user(user),
            StoredItem::ServiceAccount(account) => self.add_account(account),
            StoredItem::Session(session) => self.push(SESSIONS, SessionRow::values(session)),
            StoredItem::Audit(position, record) => {
                let position = std::iter::once(Value::counter(position.get()));
                self.push(AUDIT, position.chain(AuditRow::values(record)));
            }
        }
    }

    fn add_user(&mut self, user: &User) {
        let id = || Value::Id(*user.id.as_uuid());
        self.push(USERS, UserRow::values(user));
        for claim in claims(user).into_iter().filter(|claim| claim.space == ClaimSpace::LoginName) {
            self.push(LOGIN_NAMES, [Value::text(claim.value), id()]);
        }
        for role in user.roles().iter() {
            self.push(ROLES, [Value::text(role.as_str()), Value::time(user.created_at), id()]);
        }
        let grams = Parameter::Grams(grams(&search_text(user)));
        self.0[GRAMS].rows.push(vec![id().into(), grams]);
    }

    fn add_account(&mut self, account: &ServiceAccount) {
        self.push(ACCOUNTS, AccountRow::values(account));
        for (position, key) in account.keys.iter().enumerate() {
            self.push(KEYS, KeyRow::values(account.id, position, key));
        }
    }

    fn push<'v>(&mut self, buffer: usize, values: impl IntoIterator<Item = Value<'v>>) {
        self.0[buffer].rows.push(values.into_iter().map(|value| Parameter::Value(owned(value))).collect());
    }

    /// Sends full batches.
    pub(super) async fn write_full(&mut self, transaction: &Transaction) -> Result<(), DatabaseError> {
        for buffer in self.0.iter_mut().filter(|buffer| buffer.rows.len() >= BATCH) {
            buffer.write(transaction).await?;
        }
        Ok(())
    }

    /// Sends everything.
    pub(crate) async fn write_all(&mut self, transaction: &Transaction) -> Result<(), DatabaseError> {
        for buffer in self.0.iter_mut().filter(|buffer| !buffer.rows.is_empty()) {
            buffer.write(transaction).await?;
        }
        Ok(())
    }
}

impl Buffer {
    async fn write(&mut self, transaction: &Transaction) -> Result<(), DatabaseError> {
        let rows = std::mem::take(&mut self.rows);
        let copy = format!("COPY {} ({}) FROM STDIN BINARY", self.table, self.columns.join(", "));
        transaction.copy(&copy, &rows).await
    }
}

/// The same value, independent of its item.
fn owned(value: Value<'_>) -> Value<'static> {
    let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    match value {
        Value::Null => Value::Null,
        Value::Flag(flag) => Value::Flag(flag),
        Value::Number(number) => Value::Number(number),
        Value::Text(value) => Value::Text(text(value)),
        Value::OptionalText(value) => Value::OptionalText(value.map(text)),
        Value::Id(id) => Value::Id(id),
        Value::OptionalId(id) => Value::OptionalId(id),
        Value::OptionalNumber(number) => Value::OptionalNumber(number),
        Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
    }
}
