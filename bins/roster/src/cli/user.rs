//! The arguments of `roster user`.

use clap::{Args, Subcommand};
use roster_domain::{RoleName, Sort, SortError, StatusKind};

pub(super) const USER_HELP: &str = "\
Identify a user by username, email address or id. Roster prompts for passwords, or reads them from the first line of \
stdin with --password-stdin; they are never arguments.

Examples:
  roster user list --role admin --sort -last_login_at
  roster user set-password anna
  printf '%s\\n' \"$PASSWORD\" | roster user create ci --password-stdin";

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Create a user
    Create(CreateUser),
    /// List users as a table, or as JSON with --json
    List(ListUsers),
    /// Show a user
    Show {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        view: JsonView,
    },
    /// Disable a user; takes effect immediately
    Disable(Named),
    /// Enable a disabled or pending user
    Enable(Named),
    /// Set a new password and invalidate the user's existing tokens
    SetPassword {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Remove the login delays caused by failed logins
    Unlock(Named),
    /// Permanently erase a user's profile, password and sessions; the audit log keeps the id
    Delete {
        #[command(flatten)]
        user: Named,
        /// Do not ask for confirmation
        #[arg(long, short)]
        yes: bool,
    },
    /// Replace a user's roles
    SetRoles {
        #[command(flatten)]
        user: Named,
        /// The roles, for example: user admin
        #[arg(required = true, value_name = "ROLE")]
        roles: Vec<RoleName>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The username, email address or id of the user
    #[arg(value_name = "USER")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The name that the user logs in with
    pub(crate) username: String,
    /// The email address; the user can also log in with it
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// The name that applications display
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,
    /// A role; may be repeated [default: user]
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<RoleName>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of stdin instead of prompting for it
    #[arg(long = "password-stdin")]
    pub(crate) stdin: bool,
    /// Require the user to choose a new password at the next login
    #[arg(long)]
    pub(crate) temporary: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListUsers {
    /// Only list users with this status: active, pending or disabled
    #[arg(long)]
    pub(crate) status: Option<StatusKind>,
    /// Only list users with this role
    #[arg(long)]
    pub(crate) role: Option<RoleName>,
    /// Only list users whose username, email address or display name contains this text
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) query: Option<String>,
    /// The sort order, for example `-created_at,username`
    #[arg(long, value_name = "KEYS", default_value = "username", allow_hyphen_values = true, value_parser = checked_sort)]
    pub(crate) sort: String,
    #[command(flatten)]
    pub(crate) view: JsonView,
}

/// The `--json` option.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct JsonView {
    /// Print JSON, one object per line
    #[arg(long)]
    pub(crate) json: bool,
}

/// A sort order, as it goes to the server.
fn checked_sort(text: &str) -> Result<String, SortError> {
    Sort::parse(text).map(|_| text.to_owned())
}
