//! The requests of `roster user`.

use anyhow::Context;
use roster_domain::{DisplayName, EmailAddress, RoleName, StatusKind, Username};
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli::{self, CreateUser, JsonView, ListUsers, PasswordSource};
use crate::commands::store_access::StoreAccess;
use crate::commands::wire::{SecretText, as_text};
use crate::terminal;

/// A request of `roster user`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserRequest {
    Create(NewUserRequest),
    List(ListRequest),
    Show {
        name: String,
        format: ViewFormat,
    },
    SetStatus {
        name: String,
        status: NewStatus,
    },
    SetPassword {
        name: String,
        password: SecretText,
        replace: ReplacePassword,
    },
    Unlock {
        name: String,
    },
    Delete {
        name: String,
        #[serde(rename = "asking")]
        confirmation: Confirmation,
    },
    SetRoles {
        name: String,
        roles: Vec<RoleName>,
    },
}

/// A user to create.
#[derive(Serialize, Deserialize)]
pub(crate) struct NewUserRequest {
    pub(super) username: Username,
    pub(super) email: Option<EmailAddress>,
    pub(super) display_name: Option<DisplayName>,
    pub(super) roles: Vec<RoleName>,
    pub(super) password: SecretText,
    pub(super) replace: ReplacePassword,
}

/// The users to list.
#[derive(Serialize, Deserialize)]
pub(crate) struct ListRequest {
    #[serde(with = "as_text")]
    pub(super) status: Option<StatusKind>,
    pub(super) role: Option<RoleName>,
    pub(super) text: Option<String>,
    pub(super) sort: String,
    pub(super) format: ViewFormat,
}

/// The output format.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViewFormat {
    /// Readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// A status that the operator can set.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewStatus {
    Active,
    Disabled,
}

/// Whether to ask for confirmation before an action that cannot be undone.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confirmation {
    #[serde(rename = "first")]
    Required,
    #[serde(rename = "not")]
    Skipped,
}

/// Whether the user has to change the password.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReplacePassword {
    /// The user keeps the current requirement.
    Unchanged,
    /// The password is temporary: the user must change it at the next login.
    AtNextLogin,
}

impl ReplacePassword {
    const fn of(source: &PasswordSource) -> Self {
        if source.temporary { Self::AtNextLogin } else { Self::Unchanged }
    }
}

impl ViewFormat {
    /// The format that the `--json` option selects.
    pub(in crate::commands) const fn of(view: JsonView) -> Self {
        if view.json { Self::Json } else { Self::Text }
    }
}

/// Creates the request from the arguments. Prompts for a password if one is needed.
///
/// # Errors
/// If an argument is invalid, or there is no password.
pub(in crate::commands) fn request(args: cli::User) -> anyhow::Result<UserRequest> {
    use cli::User as Command;
    let secret = |source| terminal::new_password(source).map(SecretText::new);
    Ok(match args {
        Command::Create(new) => UserRequest::Create(new_user_request(new)?),
        Command::List(list) => UserRequest::List(list_request(list)),
        Command::Show { user, view } => UserRequest::Show { name: user.name, format: ViewFormat::of(view) },
        Command::Disable(user) => UserRequest::SetStatus { name: user.name, status: NewStatus::Disabled },
        Command::Enable(user) => UserRequest::SetStatus { name: user.name, status: NewStatus::Active },
        Command::SetPassword { user, password } => {
            let replace = ReplacePassword::of(&password);
            UserRequest::SetPassword { name: user.name, password: secret(&password)?, replace }
        }
        Command::Unlock(user) => UserRequest::Unlock { name: user.name },
        Command::Delete { user, yes } => {
            let confirmation = if yes { Confirmation::Skipped } else { Confirmation::Required };
            UserRequest::Delete { name: user.name, confirmation }
        }
        Command::SetRoles { user, roles } => UserRequest::SetRoles { name: user.name, roles },
    })
}

fn new_user_request(new: CreateUser) -> anyhow::Result<NewUserRequest> {
    Ok(NewUserRequest {
        username: Username::new(new.username).context("USERNAME")?,
        email: new.email.map(EmailAddress::new).transpose().context("--email")?,
        display_name: new.display_name.map(DisplayName::new).transpose().context("--display-name")?,
        roles: new.roles,
        password: terminal::new_password(&new.password).map(SecretText::new)?,
        replace: ReplacePassword::of(&new.password),
    })
}

fn list_request(list: ListUsers) -> ListRequest {
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
            Self::Create(_) => StoreAccess::Creates(Purpose::Hashing),
            Self::SetPassword { .. } => StoreAccess::Requires(Purpose::Hashing),
            Self::SetStatus { .. } | Self::Unlock { .. } | Self::Delete { .. } | Self::SetRoles { .. } => {
                StoreAccess::Requires(Purpose::Writing)
            }
            Self::List(_) | Self::Show { .. } => StoreAccess::Requires(Purpose::Reading),
        }
    }
}
