//! What can be typed after `roster user`.

use clap::{Args, Subcommand};
use roster_domain::{RoleName, StatusKind};

pub(super) const USER_HELP: &str = "\
A user is named by username, email address or id. Passwords are args for on the terminal, or read from the first \
line of stdin with --password-stdin; they are never arguments.

Examples:
  roster user list --role admin --sort -last_login_at
  roster user set-password anna
  printf '%s\\n' \"$PASSWORD\" | roster user create ci --password-stdin";

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Makes a user
    Create(CreateUser),
    /// Lists users: a table, or with --json a JSON object a line
    List(ListUsers),
    /// Shows one user
    Show {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        view: JsonView,
    },
    /// Locks a user out at once
    Disable(Named),
    /// Lets a disabled or pending user in
    Enable(Named),
    /// Sets another password; tokens from before it are dead
    SetPassword {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Lifts the delays after failed logins at a user's names
    Unlock(Named),
    /// Erases a user: the profile, the password and the sessions, for good; the audit log keeps the id
    Delete {
        #[command(flatten)]
        user: Named,
        /// Does not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Replaces a user's roles
    SetRoles {
        #[command(flatten)]
        user: Named,
        /// The roles, such as: user admin
        #[arg(required = true, value_name = "ROLE")]
        roles: Vec<RoleName>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Username, email address or id
    #[arg(value_name = "USER")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The name to log in with
    pub(crate) username: String,
    /// Where mail goes; good for logging in too
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// What the person is called on screen
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,
    /// A role, may be repeated; `user` if none is given
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<RoleName>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordSource {
    /// Reads the password from the first line of stdin instead of asking for it
    #[arg(long = "password-stdin")]
    pub(crate) stdin: bool,
    /// Makes it a temporary one: its owner has to replace it at the next login, before anything else
    #[arg(long)]
    pub(crate) temporary: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListUsers {
    /// Only those with this status: active, pending or disabled
    #[arg(long)]
    pub(crate) status: Option<StatusKind>,
    /// Only those with this role
    #[arg(long)]
    pub(crate) role: Option<RoleName>,
    /// Only those whose username, email address or display name contains this
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) query: Option<String>,
    /// The order, such as `-created_at,username`
    #[arg(long, value_name = "KEYS", default_value = "username", allow_hyphen_values = true)]
    pub(crate) sort: String,
    #[command(flatten)]
    pub(crate) view: JsonView,
}

/// Whether what is shown is for programs.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct JsonView {
    /// As JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}
