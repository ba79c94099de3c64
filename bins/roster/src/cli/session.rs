//! What can be typed after `roster session`.

use clap::Subcommand;
use roster_domain::SessionId;

use super::user::{JsonView, Named};

pub(super) const SESSION_HELP: &str = "\
A session is a login that goes on. Its access tokens are worth nothing once it has ended.

Examples:
  roster session list anna
  roster session revoke anna --all";

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// Lists the sessions of a user, the latest first
    List {
        #[command(flatten)]
        user: Named,
        #[command(flatten)]
        view: JsonView,
    },
    /// Ends one session of a user, or all
    Revoke {
        #[command(flatten)]
        user: Named,
        /// The session, as `list` shows it
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        id: Option<SessionId>,
        /// Ends all of them
        #[arg(long)]
        all: bool,
    },
}
