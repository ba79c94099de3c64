//! The command-line view of a user: the fields of the API, without the password hash.

use roster_domain::{Credential, User, UserField};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::terminal::{printable, to_the_second};

/// The view of a user.
pub(crate) struct UserView<'a>(pub(crate) &'a User);

impl Serialize for UserView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(UserField::IN_API.len()))?;
        for field in UserField::IN_API {
            object.serialize_entry(field.name(), &field.value(self.0))?;
        }
        object.end()
    }
}

impl UserView<'_> {
    /// One line of JSON.
    ///
    /// # Errors
    /// None in practice: every field can be serialized.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// Text with one line per field. The status line includes the pending reasons, and the password line says whether the
    /// password is temporary.
    pub(crate) fn text(&self) -> String {
        let fields = UserField::ALWAYS_SHOWN.map(|field| (field.name(), self.field_text(field)));
        let lines = fields.into_iter().chain([("password", password(self.0))]);
        let line = |(name, text): (&str, String)| format!("{name:15} {}\n", printable(&text));
        lines.map(line).collect()
    }

    fn field_text(&self, field: UserField) -> String {
        let text = |field: UserField| field.value(self.0).to_text(", ");
        let shown = text(field).unwrap_or_else(|| "-".to_owned());
        match (field, text(UserField::PendingReasons)) {
            (UserField::Status, Some(reasons)) => format!("{shown}: {reasons}"),
            _ => shown,
        }
    }
}

/// The state of the user's password.
fn password(user: &User) -> String {
    match &user.credential {
        Credential::Password(_) if user.must_change_password => {
            "temporary: must be changed at the next login".to_owned()
        }
        Credential::Password(_) => "set".to_owned(),
        Credential::None => "none: cannot log in until one is set".to_owned(),
        Credential::Unusable { reason } => format!("cannot be used: {reason}"),
    }
}

/// A row of the user list.
pub(crate) fn row(user: &User) -> [String; 6] {
    let text = |field: UserField| field.value(user).to_text(",").unwrap_or_else(|| "-".to_owned());
    [
        printable(&text(UserField::Username)),
        printable(&text(UserField::Email)),
        text(UserField::Status),
        text(UserField::Roles),
        user.last_login_at.map_or_else(|| "never".to_owned(), to_the_second),
        text(UserField::Id),
    ]
}
