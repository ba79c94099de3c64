//! The arguments of `roster backup`, `roster restore` and `roster doctor`.

use std::path::PathBuf;

use clap::Args;

pub(super) const BACKUP_HELP: &str = "\
The backup contains the users with their password hashes, the service accounts, the sessions, the audit log and the keys \
that sign access tokens, all from the same point in time. Protect it like the data folder. The file has mode 0600, appears \
only once it is complete, and never replaces an existing file.

Examples:
  roster backup /var/backups/roster-2026-03-01.backup
  roster backup - | ssh vault 'cat > roster.backup'
  roster restore --check roster.backup          check whether a backup is intact, and show its contents";

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to create; - is stdout
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Leave out the keys that sign access tokens
    #[arg(long)]
    pub(crate) without_keys: bool,
}

pub(super) const RESTORE_HELP: &str = "\
If the data folder is empty, users, sessions, keys and the audit log come back as they were, and nobody has to log in \
again.

With --replace, the existing data moves to `replaced-<time>` beside it (on PostgreSQL, to the schema `replaced_<time>`), and all sessions and access tokens become \
invalid. Revoked API keys and signing keys stay revoked. Users who were erased after the backup was made are listed; with \
--erase-again they are not restored. It works at the first restore only, because the restored store does not know of the \
deletions.

The server may run. It leaves its store to the command, and requests wait until that has ended; then the server goes on with the \
restored store. On PostgreSQL, servers read meanwhile, and answer writes with 503.

A damaged backup is rejected before anything is changed. If the command is interrupted, the data folder holds either the \
old data or the new data, complete.

Examples:
  roster restore roster.backup
  roster restore roster.backup --replace --erase-again
  ssh vault cat roster.backup | roster restore -";

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup file; - is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Replace the existing data, and keep it in a subfolder of the data folder
    #[arg(long)]
    pub(crate) replace: bool,
    /// Do not restore users who were erased after the backup was made
    #[arg(long, requires = "replace")]
    pub(crate) erase_again: bool,
    /// Only check whether the backup is intact, and show its contents
    #[arg(long, conflicts_with_all = ["replace", "erase_again"])]
    pub(crate) check: bool,
}

pub(super) const DOCTOR_HELP: &str = "\
Doctor changes nothing. While a server is running on a users.json, it reads the files of the last snapshot, which is a few seconds old.

The exit code is 0 if there are no faults, even if there are notes, and 3 if there is a fault.";

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
