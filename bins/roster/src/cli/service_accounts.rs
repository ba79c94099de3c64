//! The arguments of `roster service-account` and `roster api-key`.

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use roster_domain::{ApiKeyName, Description, Permission, ServiceAccountName};

use super::user::JsonView;

pub(super) const SERVICE_ACCOUNT_HELP: &str = "\
Identify a service account by name or id.

Examples:
  roster service-account create backup --permission users:read
  roster service-account set-permissions backup users:read audit:read
  roster api-key create backup nightly > backup.key";

pub(super) const API_KEY_HELP: &str = "\
A new key is shown once, as the only output on stdout. A key that is created here belongs to no user: it grants the \
permissions that both it and its account have.

Examples:
  roster api-key create backup nightly --expires-in 90d > backup.key
  roster api-key rotate backup k3Jd9sLqP0aZ --overlap 1h > backup.key";

/// The `roster service-account` subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceAccount {
    /// Create a service account, without keys
    Create {
        /// The name: a-z, 0-9 and . _ -
        name: ServiceAccountName,
        /// A permission that its keys can have, for example users:read; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION", required = true)]
        permissions: Vec<Permission>,
        /// What the account is for
        #[arg(long, value_name = "TEXT", value_parser = |text: &str| Description::new(text))]
        description: Option<Description>,
    },
    /// List the service accounts
    List(JsonView),
    /// Show a service account and its keys
    Show {
        #[command(flatten)]
        account: NamedAccount,
        #[command(flatten)]
        view: JsonView,
    },
    /// Disable a service account; all its keys stop working immediately
    Disable(NamedAccount),
    /// Enable a service account; its keys work again
    Enable(NamedAccount),
    /// Replace the permissions that its keys can have; existing keys do not gain permissions
    SetPermissions {
        #[command(flatten)]
        account: NamedAccount,
        /// The permissions, for example: users:read audit:read
        #[arg(required = true, value_name = "PERMISSION")]
        permissions: Vec<Permission>,
    },
    /// Delete a service account and its keys
    Delete(NamedAccount),
}

/// The `roster api-key` subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKey {
    /// Create a key and show it once
    Create {
        #[command(flatten)]
        account: NamedAccount,
        /// The name of the key
        #[arg(value_name = "NAME", value_parser = |text: &str| ApiKeyName::new(text))]
        name: ApiKeyName,
        /// A permission of the key; may be repeated [default: all permissions of the account]
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<Permission>,
        /// How long the key is valid, for example 90d [default: no limit]
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        expires_in: Option<SignedDuration>,
    },
    /// List the keys of a service account
    List {
        #[command(flatten)]
        account: NamedAccount,
        #[command(flatten)]
        view: JsonView,
    },
    /// Replace a key with a new one and show it once
    Rotate {
        #[command(flatten)]
        key: NamedKey,
        /// How long the old key stays valid, for example 1h [default: it stops working immediately]
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        overlap: Option<SignedDuration>,
    },
    /// Revoke a key immediately
    Revoke(NamedKey),
}

/// A service account argument.
#[derive(Debug, Args)]
pub(crate) struct NamedAccount {
    /// The name or id of the service account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: String,
}

/// An API key argument.
#[derive(Debug, Args)]
pub(crate) struct NamedKey {
    #[command(flatten)]
    pub(crate) account: NamedAccount,
    /// The id or prefix of the key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

/// Parses a duration such as `15m`, `2h` or `90d`. A day has 24 hours.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "write a duration like 15m, 2h or 90d".to_owned();
    let span = match text.strip_suffix('d').map(str::parse::<u32>) {
        Some(Ok(days)) => SignedDuration::from_hours(24 * i64::from(days)),
        _ => text.parse().map_err(|_| wrong())?,
    };
    if span.is_positive() {
        Ok(span)
    } else {
        Err("must be longer than 0, for example 15m, 2h or 90d".to_owned())
    }
}
