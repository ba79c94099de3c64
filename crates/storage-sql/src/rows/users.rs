//! Users.

use std::sync::LazyLock;

use roster_domain::{Credential, LoginAlias, SortKey, User, UserId};
use serde_aux::serde_introspection::serde_introspect;

use super::{more_fields, status};
use crate::error::{ColumnError, RowError};
use crate::search::search_text;
use crate::sort_values::{column_value, last_login};
use crate::value::{Columns, Value};

/// The column with the fields that have no column of their own, as a JSON object. A field needs one only if it is
/// sorted, filtered, searched or unique, or if a statement reads it.
pub const MORE: &str = "more";

/// Those fields. [`read_credential`] knows the columns of the credential.
static FIELDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let has_column = |field: &&&str| UserRow::COLUMNS.contains(*field) || **field == "credential";
    serde_introspect::<User>().iter().filter(|field| !has_column(field)).copied().collect()
});

/// The rows of the table `users`.
#[derive(Clone, Copy, Debug)]
pub struct UserRow;

impl UserRow {
    /// The table.
    pub const TABLE: &'static str = "users";

    /// The columns that hold the user, in the order in which [`read`](Self::read) expects them.
    pub const COLUMNS: [&'static str; 21] = [
        "id",
        "username",
        "email",
        "email_verified",
        "display_name",
        "status",
        "disabled_at",
        "pending_reasons",
        "roles",
        "attributes",
        "external_id",
        "login_alias",
        "created_at",
        "updated_at",
        "last_login_at",
        "version",
        "auth_epoch",
        "password_hash",
        "unusable_credential",
        "must_change_password",
        MORE,
    ];

    /// The columns that only help to find, sort and search users.
    pub const DERIVED: [&'static str; 5] =
        ["username_key", "email_key", "display_key", "active_admin", "search"];

    /// The values of [`COLUMNS`](Self::COLUMNS) and then of [`DERIVED`](Self::DERIVED).
    #[must_use]
    pub fn values(user: &User) -> Vec<Value<'_>> {
        let [status, disabled_at, pending_reasons] = status::values(user.status);
        let (password_hash, unusable) = match &user.credential {
            Credential::None => (None, None),
            Credential::Password(hash) => (Some(hash.as_str()), None),
            Credential::Unusable { reason } => (None, Some(reason.as_str())),
        };
        vec![
            Value::Id(*user.id.as_uuid()),
            Value::text(user.username.as_str()),
            Value::optional_text(user.email.as_ref().map(roster_domain::EmailAddress::as_str)),
            Value::Flag(user.email_verified),
            Value::optional_text(user.display_name.as_ref().map(roster_domain::DisplayName::as_str)),
            status,
            disabled_at,
            pending_reasons,
            Value::json(user.roles()),
            Value::json(&user.attributes),
            Value::optional_text(user.external_id.as_ref().map(roster_domain::ExternalId::as_str)),
            Value::optional_text(user.login_alias.as_ref().map(LoginAlias::as_str)),
            Value::time(user.created_at),
            Value::time(user.updated_at),
            column_value(SortKey::LastLoginAt, &SortKey::LastLoginAt.value(user)),
            Value::counter(user.version.get()),
            Value::counter(user.auth_epoch.get()),
            Value::optional_text(password_hash),
            Value::optional_text(unusable),
            Value::Flag(user.must_change_password),
            Value::text(more_fields::write(user, &FIELDS)),
            Value::text(user.username.key().as_str()),
            Value::text(user.email.as_ref().map_or("", |email| email.key().as_str())),
            column_value(SortKey::DisplayName, &SortKey::DisplayName.value(user)),
            Value::Flag(user.is_active_admin()),
            Value::text(search_text(user)),
        ]
    }

    /// What the column [`MORE`] has to contain after an update of a row that has `stored` there: fields that this
    /// version does not know stay. `None` if it contains that already.
    #[must_use]
    pub fn merge_more(stored: &[u8], new: &str) -> Option<String> {
        more_fields::merge(stored, new, &FIELDS)
    }

    /// The fields that are stored in the column [`MORE`]: those without a column of their own.
    #[must_use]
    pub fn more_fields() -> &'static [&'static str] {
        &FIELDS
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`RowError`] names the user and the column.
    pub fn read(columns: &mut impl Columns) -> Result<User, RowError> {
        let id = columns.id("id").map_err(|error| RowError::new(Self::TABLE, "?", error))?;
        Self::read_after_id(UserId::from(id), columns).map_err(|error| RowError::new(Self::TABLE, id, error))
    }

    fn read_after_id(id: UserId, columns: &mut impl Columns) -> Result<User, ColumnError> {
        let username = columns.parsed("username")?;
        let email = columns.optional_parsed("email")?;
        let email_verified = columns.flag("email_verified")?;
        let display_name = columns.optional_parsed("display_name")?;
        let status = status::read(columns)?;
        let roles = columns.json("roles")?;
        let attributes = columns.json("attributes")?;
        let external_id = columns.optional_parsed("external_id")?;
        let login_alias = read_alias(columns)?;
        let mut user = User::new(id, username, roles, columns.time("created_at")?);
        user.email = email;
        user.email_verified = email_verified;
        user.display_name = display_name;
        user.status = status;
        user.attributes = attributes;
        user.external_id = external_id;
        user.login_alias = login_alias;
        user.updated_at = columns.time("updated_at")?;
        user.last_login_at = last_login("last_login_at", columns.number("last_login_at")?)?;
        user.version = columns.counter("version")?.into();
        user.auth_epoch = columns.counter("auth_epoch")?.into();
        user.credential = read_credential(columns)?;
        user.must_change_password = columns.flag("must_change_password")?;
        more_fields::read(user, &columns.text(MORE)?, &FIELDS).map_err(|error| ColumnError::new(MORE, error))
    }
}

fn read_alias(columns: &mut impl Columns) -> Result<Option<LoginAlias>, ColumnError> {
    let text = columns.optional_text("login_alias")?;
    let alias = text.map_or(Ok(None), LoginAlias::stored);
    alias.map_err(|error| ColumnError::new("login_alias", error))
}

/// Reads `password_hash` and `unusable_credential`, of which one at most has a value.
pub(crate) fn read_credential(columns: &mut impl Columns) -> Result<Credential, ColumnError> {
    let hash = columns.optional_parsed("password_hash")?;
    let unusable = columns.optional_text("unusable_credential")?;
    Ok(match (hash, unusable) {
        (Some(hash), _) => Credential::Password(hash),
        (None, Some(reason)) => Credential::Unusable { reason },
        (None, None) => Credential::None,
    })
}
