//! Sort keys as columns. An absent value has a value of its own that sorts first, because SQL compares nothing with
//! NULL.

use jiff::Timestamp;
use roster_domain::{SortKey, SortValue};

use crate::error::ColumnError;
use crate::time::{NEVER, micros, timestamp};
use crate::value::Value;

/// The column of a sort key.
#[must_use]
pub(crate) const fn column(key: SortKey) -> &'static str {
    match key {
        SortKey::CreatedAt => "created_at",
        SortKey::UpdatedAt => "updated_at",
        SortKey::LastLoginAt => "last_login_at",
        SortKey::Username => "username_key",
        SortKey::Email => "email_key",
        SortKey::DisplayName => "display_key",
    }
}

/// Whether the column of a sort key holds text, and not a time.
#[must_use]
pub(crate) const fn is_text(key: SortKey) -> bool {
    match key {
        SortKey::Username | SortKey::Email | SortKey::DisplayName => true,
        SortKey::CreatedAt | SortKey::UpdatedAt | SortKey::LastLoginAt => false,
    }
}

/// The stored form of a sort value. A cursor that a client made up may have a value of the wrong kind; it stands for a
/// place at the start or the end.
#[must_use]
pub(crate) fn column_value(key: SortKey, value: &SortValue) -> Value<'static> {
    match (is_text(key), value) {
        (false, SortValue::Absent) => Value::Number(NEVER),
        (false, SortValue::Time(at)) => Value::Number(micros(*at)),
        (false, SortValue::Text(_)) => Value::Number(i64::MAX),
        (true, SortValue::Text(text)) if !text.contains('\0') => Value::text(text.clone()),
        (true, SortValue::Absent | SortValue::Time(_) | SortValue::Text(_)) => Value::text(""),
    }
}

/// The time of the last login, or none.
pub(crate) fn last_login(column: &'static str, stored: i64) -> Result<Option<Timestamp>, ColumnError> {
    (stored != NEVER).then(|| timestamp(column, stored)).transpose()
}
