//! The arguments of `roster migrate`.

use clap::{Args, Subcommand};

pub(super) const MIGRATE_HELP: &str = "\
A migration changes the tables of a SQLite or PostgreSQL database for a newer version of Roster. The first server of that version \
makes those that are pending when it starts, so these commands are optional: use them to look first, or to migrate before \
the servers are replaced. Migrations only go forward; back up first.

On PostgreSQL, servers of the previous version keep working beside the migrated database, unless `min reader` says that they \
would misread it; they then refuse to start. A SQLite database is open in one process: a running server leaves it to `up`, and requests wait until \
the migrations are made; if it could not read the database afterwards, stop it first. \
The embedded engine has no tables; a server upgrades its files when it starts, and keeps the old ones beside them.

Examples:
  roster migrate status
  roster migrate plan > review.sql
  roster backup before.backup && roster migrate up";

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Migrate {
    /// List the migrations that were made, and those that are pending
    #[command(
        after_help = "The exit code is 3 if migrations are pending, or if the database needs a newer Roster."
    )]
    Status(MigrateView),
    /// Make the pending migrations
    Up(MigrateView),
    /// Print the statements of the pending migrations, and change nothing
    Plan(MigrateView),
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MigrateView {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
