//! What can be typed after `roster backup`, `roster restore` and `roster doctor`.

use std::path::PathBuf;

use clap::Args;

pub(super) const BACKUP_HELP: &str = "\
The file holds users with their password hashes, service accounts, sessions, the audit log and the keys that sign \
access tokens: keep it as you keep the data folder. It has mode 0600, appears only when it is whole, and replaces \
nothing.

Examples:
  roster backup /var/backups/roster-2026-03-01.backup
  roster backup - | ssh vault 'cat > roster.backup'
  roster restore --check roster.backup          tell whether a backup is whole, and what is in it";

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to make; - is stdout
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Leaves out the keys that sign access tokens
    #[arg(long)]
    pub(crate) without_keys: bool,
}

pub(super) const RESTORE_HELP: &str = "\
Into an empty place: users, sessions, keys and the audit log are as they were; nobody has to log in again.

With --replace: what is there moves to `replaced-<time>` in the data folder. Every session and access token ends. API \
keys and signing keys that were revoked stay revoked. People who were erased since the backup are named, and left out \
with --erase-again.

A file that is damaged is refused before anything is changed. Killed at any moment, the old store or the new one is \
there, whole.

Examples:
  roster restore roster.backup
  roster restore roster.backup --replace --erase-again
  ssh vault cat roster.backup | roster restore -";

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup; - is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Takes the place of the store that is there, which is kept beside
    #[arg(long)]
    pub(crate) replace: bool,
    /// Leaves out the people who were erased since the backup was made
    #[arg(long, requires = "replace")]
    pub(crate) erase_again: bool,
    /// Only tells whether the backup is whole, and what is in it
    #[arg(long, conflicts_with_all = ["replace", "erase_again"])]
    pub(crate) check: bool,
}

pub(super) const DOCTOR_HELP: &str = "\
It changes nothing. Beside a running server it reads the files as of the last snapshot, a few seconds ago.

Exit code 0 if the store is sound, also with notes; 3 if it found a fault.";

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Writes the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
