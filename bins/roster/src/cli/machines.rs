//! `roster service-account` and `roster api-key`

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use roster_domain::{ApiKeyName, Description, Permission, ServiceAccountName};

pub(super) const SERVICE_ACCOUNT_HELP: &str = "\
A service account is named by its name or its id.

Examples:
  roster service-account create backup --permission users:read
  roster service-account set-permissions backup users:read audit:read
  roster api-key create backup nightly > backup.key";

pub(super) const API_KEY_HELP: &str = "\
A key is shown once, alone on stdout. Made here it answers to nobody: it grants what it and its account hold.

Examples:
  roster api-key create backup nightly --expires-in 90d > backup.key
  roster api-key rotate backup k3Jd9sLqP0aZ --overlap 1h > backup.key";

/// What can be done with service accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceAccount {
    /// Makes a service account, without keys yet
    Create {
        /// What it is called: a-z, 0-9 and . _ -
        name: ServiceAccountName,
        /// What its keys may do at most, such as users:read; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION", required = true)]
        permissions: Vec<Permission>,
        /// What it is for
        #[arg(long, value_name = "TEXT", value_parser = |text: &str| Description::new(text))]
        description: Option<Description>,
    },
    /// Lists the service accounts
    List,
    /// Shows a service account and its keys
    Show(NamedAccount),
    /// Makes all of its keys worthless at once
    Disable(NamedAccount),
    /// Makes its keys good again
    Enable(NamedAccount),
    /// Replaces what its keys may do at most; no key ever grants more than it did
    SetPermissions {
        #[command(flatten)]
        account: NamedAccount,
        /// The permissions, such as: users:read audit:read
        #[arg(required = true, value_name = "PERMISSION")]
        permissions: Vec<Permission>,
    },
    /// Deletes it, and its keys with it
    Delete(NamedAccount),
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKey {
    /// Makes a key and shows it, once
    Create {
        #[command(flatten)]
        account: NamedAccount,
        /// What people call it
        #[arg(value_name = "NAME", value_parser = |text: &str| ApiKeyName::new(text))]
        name: ApiKeyName,
        /// What it may do at most; all that the account may, if none is given; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<Permission>,
        /// When it ends, such as 90d; never, if not given
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        expires_in: Option<SignedDuration>,
    },
    /// Lists the keys of a service account
    List(NamedAccount),
    /// Puts a new key in the place of another and shows it, once
    Rotate {
        #[command(flatten)]
        key: NamedKey,
        /// For how long the old key goes on, such as 1h; not at all, if not given
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        overlap: Option<SignedDuration>,
    },
    /// Ends a key at once
    Revoke(NamedKey),
}

/// Which account.
#[derive(Debug, Args)]
pub(crate) struct NamedAccount {
    /// Name or id of the service account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: String,
}

/// Which key.
#[derive(Debug, Args)]
pub(crate) struct NamedKey {
    #[command(flatten)]
    pub(crate) account: NamedAccount,
    /// Id or prefix of the key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

/// A duration such as `15m`, `2h` or `90d`, where a day has 24 hours.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "a duration is written like 15m, 2h or 90d".to_owned();
    let span = match text.strip_suffix('d').map(str::parse::<u32>) {
        Some(Ok(days)) => SignedDuration::from_hours(24 * i64::from(days)),
        _ => text.parse().map_err(|_| wrong())?,
    };
    if span.is_positive() {
        Ok(span)
    } else {
        Err("it must be longer than 0, such as 15m, 2h or 90d".to_owned())
    }
}
