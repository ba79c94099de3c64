//! The arguments of `roster session`.

use clap::{ArgGroup, Subcommand};
use roster_domain::SessionId;

use super::user::{JsonView, Named};

pub(super) const SESSION_HELP: &str = "\
A session begins with a login. Revoking it also invalidates its access tokens.

Examples:
  roster session list anna
  roster session revoke anna --all";

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List a user's sessions, newest first
    List {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        view: JsonView,
    },
    /// Revoke one or all of a user's sessions
    #[command(group = ArgGroup::new("sessions").args(["id", "all"]).required(true))]
    Revoke {
        #[command(flatten)]
        user: Named,
        /// The id of the session, as shown by `list`
        #[arg(value_name = "ID")]
        id: Option<SessionId>,
        /// Revoke all sessions of the user
        #[arg(long)]
        all: bool,
    },
}
