//! The arguments of `roster copy`.

use clap::Args;
use roster_config::StorageUrl;

pub(super) const COPY_HELP: &str = "\
Users with their password hashes, service accounts, sessions and the audit log are copied as they are: everyone can log in \
and stays logged in. Afterwards the target is read again and compared. The generated keys that \
sign access tokens come along; a merge keeps those of the target.

The source stays as it is, and its server may run: the copy has everything as of the moment at which it begins. To lose \
nothing when you move, stop the server first. The servers of the target may run, too. While --merge runs, those on PostgreSQL read, \
but answer writes with 503; on SQLite and users.json the server leaves its store to the command, and requests wait until it has ended.

The target appears only once it is complete. If the command is interrupted, run it again: it goes on if the source still \
begins with what was copied, and otherwise begins anew. Until then, nothing else opens the target. A merge is one transaction \
and leaves nothing when it is interrupted; it begins anew.

The target must not exist yet. With --merge, it may: people, service accounts and audit records that it lacks are added to \
it. What both have stays as it is in the target. If somebody in the source has a name or an address of somebody else in the \
target, nothing is changed. Sessions come along only with their user, because others may have ended meanwhile. The target as \
it was before is kept beside it.

Examples:
  roster copy --to sqlite:data/roster.db
  roster copy --from sqlite:data/roster.db --to json:/srv/roster/users.json
  roster copy --merge --from json:branch/users.json --to sqlite:data/roster.db";

#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The store to copy; by default the one in the settings
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<StorageUrl>,
    /// The store to create, or to merge into, such as sqlite:data/roster.db or json:data/users.json
    #[arg(long, value_name = "URL")]
    pub(crate) to: StorageUrl,
    /// Add to the store at the target what it lacks
    #[arg(long)]
    pub(crate) merge: bool,
}
