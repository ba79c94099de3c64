//! How a user looks on the command line: the fields that the API shows, and never a hash.

use roster_domain::{
    Attributes, Credential, DisplayName, EmailAddress, ExternalId, PendingReason, RoleName, User,
};
use serde::Serialize;

use crate::terminal::{printable, to_the_microsecond, to_the_second};

/// The fields of a user, in the order in which they are shown.
#[derive(Serialize)]
pub(crate) struct UserView<'a> {
    id: String,
    username: &'a str,
    email: Option<&'a str>,
    email_verified: bool,
    display_name: Option<&'a str>,
    status: &'static str,
    pending_reasons: Option<Vec<&'static str>>,
    roles: Vec<&'a str>,
    must_change_password: bool,
    attributes: &'a Attributes,
    external_id: Option<&'a str>,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
    version: u64,
    /// Shown in words only: no field of the API.
    #[serde(skip)]
    user: &'a User,
}

impl<'a> UserView<'a> {
    pub(crate) fn new(user: &'a User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_str(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            email_verified: user.email_verified,
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            status: user.status.kind().as_str(),
            pending_reasons: user
                .status
                .pending_reasons()
                .map(|reasons| reasons.iter().map(PendingReason::as_str).collect()),
            must_change_password: user.must_change_password,
            roles: user.roles().iter().map(RoleName::as_str).collect(),
            attributes: &user.attributes,
            external_id: user.external_id.as_ref().map(ExternalId::as_str),
            created_at: to_the_microsecond(user.created_at),
            updated_at: to_the_microsecond(user.updated_at),
            last_login_at: user.last_login_at.map(to_the_microsecond),
            version: user.version.get(),
            user,
        }
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// None in practice: every field has a form in JSON.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// A line for each field.
    ///
    /// # Errors
    /// None in practice, as for [`Self::json`].
    pub(crate) fn text(&self) -> serde_json::Result<String> {
        let none = || "-".to_owned();
        let given = |text: Option<&str>| text.map_or_else(none, str::to_owned);
        let lines = [
            ("id", self.id.clone()),
            ("username", self.username.to_owned()),
            ("email", given(self.email)),
            ("email_verified", self.email_verified.to_string()),
            ("display_name", given(self.display_name)),
            ("status", self.status()),
            ("roles", self.roles.join(", ")),
            ("attributes", serde_json::to_string(self.attributes)?),
            ("external_id", given(self.external_id)),
            ("created_at", self.created_at.clone()),
            ("updated_at", self.updated_at.clone()),
            ("last_login_at", given(self.last_login_at.as_deref())),
            ("version", self.version.to_string()),
            ("password", password(self.user)),
        ];
        let line = |(name, value): &(&str, String)| format!("{name:15} {}", printable(value));
        Ok(lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\n")
    }

    fn status(&self) -> String {
        match &self.pending_reasons {
            Some(reasons) => format!("{}: {}", self.status, reasons.join(", ")),
            None => self.status.to_owned(),
        }
    }
}

/// What there is to log in with, or why there is nothing.
fn password(user: &User) -> String {
    match &user.credential {
        Credential::Password(_) if user.must_change_password => {
            "temporary: has to be replaced at the next login".to_owned()
        }
        Credential::Password(_) => "set".to_owned(),
        Credential::None => "none: cannot log in until one is set".to_owned(),
        Credential::Unusable { reason } => format!("cannot be used: {reason}"),
    }
}

/// The columns of a list.
pub(crate) fn rows(user: &User) -> [String; 6] {
    let view = UserView::new(user);
    [
        printable(view.username),
        printable(view.email.unwrap_or("-")),
        view.status.to_owned(),
        view.roles.join(","),
        user.last_login_at.map_or_else(|| "never".to_owned(), to_the_second),
        view.id,
    ]
}
