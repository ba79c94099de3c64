//! What is asked about users.

use anyhow::Context;
use roster_domain::{DisplayName, EmailAddress, RoleName, StatusKind, Username};
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli::{self, CreateUser, JsonView, ListUsers, PasswordSource};
use crate::commands::store_access::StoreAccess;
use crate::commands::wire::{SecretText, as_text};
use crate::terminal;

/// What is asked about users.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserRequest {
    Create(NewUserRequest),
    List(ListRequest),
    Show { name: String, format: ViewFormat },
    SetStatus { name: String, status: NewStatus },
    SetPassword { name: String, password: SecretText, replace: ReplacePassword },
    Unlock { name: String },
    Delete { name: String, asking: Confirmation },
    SetRoles { name: String, roles: Vec<RoleName> },
}

/// Somebody to be made.
#[derive(Serialize, Deserialize)]
pub(crate) struct NewUserRequest {
    pub(super) username: Username,
    pub(super) email: Option<EmailAddress>,
    pub(super) display_name: Option<DisplayName>,
    pub(super) roles: Vec<RoleName>,
    pub(super) password: SecretText,
    pub(super) replace: ReplacePassword,
}

/// Who is to be listed.
#[derive(Serialize, Deserialize)]
pub(crate) struct ListRequest {
    #[serde(with = "as_text")]
    pub(super) status: Option<StatusKind>,
    pub(super) role: Option<RoleName>,
    pub(super) text: Option<String>,
    pub(super) sort: String,
    pub(super) format: ViewFormat,
}

/// How users are shown.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViewFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What an operator can make of a status.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewStatus {
    Active,
    Disabled,
}

/// Whether to ask before something that cannot be undone.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confirmation {
    First,
    Not,
}

/// When the owner of a password has to replace it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReplacePassword {
    /// As it was before.
    Unchanged,
    /// Before anything else: it is a temporary one.
    AtNextLogin,
}

impl ReplacePassword {
    const fn of(source: &PasswordSource) -> Self {
        if source.temporary { Self::AtNextLogin } else { Self::Unchanged }
    }
}

impl ViewFormat {
    /// The one that an option of the command line says.
    pub(in crate::commands) const fn of(view: JsonView) -> Self {
        if view.json { Self::Json } else { Self::Text }
    }
}

/// What the arguments ask for. Asks for a password where one is needed.
///
/// # Errors
/// If a name is none, or there is no password.
pub(in crate::commands) fn request(args: cli::User) -> anyhow::Result<UserRequest> {
    use cli::User as Asked;
    let secret = |source| terminal::new_password(source).map(SecretText::new);
    Ok(match args {
        Asked::Create(new) => UserRequest::Create(creation(new)?),
        Asked::List(list) => UserRequest::List(listing(list)),
        Asked::Show { user, view } => UserRequest::Show { name: user.name, format: ViewFormat::of(view) },
        Asked::Disable(user) => UserRequest::SetStatus { name: user.name, status: NewStatus::Disabled },
        Asked::Enable(user) => UserRequest::SetStatus { name: user.name, status: NewStatus::Active },
        Asked::SetPassword { user, password } => {
            let replace = ReplacePassword::of(&password);
            UserRequest::SetPassword { name: user.name, password: secret(&password)?, replace }
        }
        Asked::Unlock(user) => UserRequest::Unlock { name: user.name },
        Asked::Delete { user, yes } => UserRequest::Delete {
            name: user.name,
            asking: if yes { Confirmation::Not } else { Confirmation::First },
        },
        Asked::SetRoles { user, roles } => UserRequest::SetRoles { name: user.name, roles },
    })
}

fn creation(new: CreateUser) -> anyhow::Result<NewUserRequest> {
    Ok(NewUserRequest {
        username: Username::new(new.username).context("USERNAME")?,
        email: new.email.map(EmailAddress::new).transpose().context("--email")?,
        display_name: new.display_name.map(DisplayName::new).transpose().context("--display-name")?,
        roles: new.roles,
        password: terminal::new_password(&new.password).map(SecretText::new)?,
        replace: ReplacePassword::of(&new.password),
    })
}

fn listing(list: ListUsers) -> ListRequest {
    let ListUsers { status, role, query, sort, view } = list;
    ListRequest { status, role, text: query, sort, format: ViewFormat::of(view) }
}

impl UserRequest {
    pub(in crate::commands) const fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "user create",
            Self::List(_) => "user list",
            Self::Show { .. } => "user show",
            Self::SetStatus { status: NewStatus::Active, .. } => "user enable",
            Self::SetStatus { status: NewStatus::Disabled, .. } => "user disable",
            Self::SetPassword { .. } => "user set-password",
            Self::Unlock { .. } => "user unlock",
            Self::Delete { .. } => "user delete",
            Self::SetRoles { .. } => "user set-roles",
        }
    }

    pub(in crate::commands) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::Create(_) => StoreAccess::Begins(Purpose::Hashing),
            Self::SetPassword { .. } => StoreAccess::Needs(Purpose::Hashing),
            Self::SetStatus { .. } | Self::Unlock { .. } | Self::Delete { .. } | Self::SetRoles { .. } => {
                StoreAccess::Needs(Purpose::Changing)
            }
            Self::List(_) | Self::Show { .. } => StoreAccess::Needs(Purpose::Looking),
        }
    }
}
