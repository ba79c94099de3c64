//! The arguments of `roster`.

mod audit;
mod backup;
mod copy;
mod hint;
mod import;
mod keys;
mod migrate;
mod service_accounts;
mod session;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use audit::{Audit, AuditFormat};
pub(crate) use backup::{Backup, Doctor, Restore};
pub(crate) use copy::Copy;
pub(crate) use import::{Import, ImportRules, ReportFormat, Rows};
pub(crate) use keys::{Keys, KeysFormat};
pub(crate) use migrate::{Migrate, MigrateView};
pub(crate) use service_accounts::{ApiKey, ServiceAccount};
pub(crate) use session::Session;
pub(crate) use user::{CreateUser, JsonView, ListUsers, PasswordSource, User};

/// A user management server: registration, login, roles and audit.
///
/// Without a command, Roster serves the HTTP API. It reads its settings from a file, from .env and from the
/// environment; see `roster config show`. The file is the one given with --config, otherwise roster.toml in the
/// working directory, otherwise /etc/roster/roster.toml.
#[derive(Debug, Parser)]
#[command(name = "roster", version, arg_required_else_help = false, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Read the settings from this file instead of roster.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Work on the store directly, not through a server; fails if a server holds it
    ///
    /// By default, a command goes through the server that is running on the same data, if there is one. With --offline,
    /// `keys`, `audit` and `doctor` read the files directly and still work while a server is running. A PostgreSQL database
    /// is never held. `serve` ignores this option.
    #[arg(long, global = true)]
    offline: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Whether commands go through a running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionMode {
    /// They do, if a server is running.
    PreferServer,
    /// They do not (`--offline`).
    Offline,
}

impl Cli {
    /// Parses the arguments of this process. Exits with a message if they are invalid, or with the help text.
    pub(crate) fn from_process() -> Self {
        Self::try_parse().unwrap_or_else(|error| hint::with_setting(error).exit())
    }

    /// Whether commands go through a running server.
    pub(crate) const fn connection_mode(&self) -> ConnectionMode {
        if self.offline { ConnectionMode::Offline } else { ConnectionMode::PreferServer }
    }
}

const EXAMPLES: &str = "\
Examples:
  roster                                  serve on http://127.0.0.1:8000, users in data/users.json
  ROSTER__SERVER__PORT=9000 roster        serve on another port
  roster import users.json --dry-run      show what an import would do
  roster user create anna --role admin    create an administrator; prompts for the password
  roster keys generate                    create the next signing key
  roster config show                      show every setting and where it was set

The commands work with and without a running server, except `migrate up` on SQLite, which needs it stopped. If a server is \
running, the command reaches it through a socket in the data folder, which only the server's own user and root can use.

Exit codes: 0 success, 1 failure, 2 invalid usage, 3 an import refused some records, doctor found a fault, or migrations are \
pending.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the HTTP API until SIGTERM or Ctrl-C
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Import users from another system's file or database
    #[command(after_help = import::IMPORT_HELP)]
    Import(Import),
    /// Export all users to a file or to stdout
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
    /// Back up all data to one file
    #[command(after_help = backup::BACKUP_HELP)]
    Backup(Backup),
    /// Restore the data from a backup
    #[command(after_help = backup::RESTORE_HELP)]
    Restore(Restore),
    /// Copy all data to another storage engine
    #[command(after_help = copy::COPY_HELP)]
    Copy(Copy),
    /// Check the data for faults and suggest how to fix them
    #[command(after_help = backup::DOCTOR_HELP)]
    Doctor(Doctor),
    /// Show and make migrations, the changes of a database for a newer version of Roster
    #[command(subcommand, after_help = migrate::MIGRATE_HELP)]
    Migrate(Migrate),
    /// Manage users
    #[command(subcommand, after_help = user::USER_HELP)]
    User(User),
    /// List and revoke a user's sessions
    #[command(subcommand, after_help = session::SESSION_HELP)]
    Session(Session),
    /// Manage service accounts, the accounts of programs
    #[command(subcommand, after_help = service_accounts::SERVICE_ACCOUNT_HELP)]
    ServiceAccount(ServiceAccount),
    /// Manage the API keys of service accounts
    #[command(subcommand, after_help = service_accounts::API_KEY_HELP)]
    ApiKey(ApiKey),
    /// Show the audit log, newest record first
    #[command(after_help = audit::AUDIT_HELP)]
    Audit(Audit),
    /// List and rotate the keys that sign access tokens
    #[command(subcommand, after_help = keys::KEYS_HELP)]
    Keys(Keys),
    /// Check whether the server is ready; exits with 0 if it is, with 1 if not
    #[command(after_help = "For containers: HEALTHCHECK CMD [\"roster\", \"health\"]")]
    Health(Health),
    /// Show or check the settings
    #[command(subcommand)]
    Config(Config),
    /// Print the OpenAPI document of the HTTP API
    Openapi,
    /// Print a shell completion script
    #[command(after_help = "Example:\n  roster completions bash > /etc/bash_completion.d/roster")]
    Completions {
        /// The shell to print the script for
        shell: Shell,
    },
}

const SERVE_HELP: &str = "\
The first line on stdout is `listening on http://ADDRESS:PORT`; logs go to stderr.

On SIGTERM or Ctrl-C the server lets running requests finish, for up to server.shutdown_timeout, and exits. A second \
signal ends it immediately. After SIGTERM, /health/ready responds with 503 for server.drain_delay before the listener closes. \
On SIGHUP the server reloads its settings: changes to limits, CORS, log.level, server.trusted_proxies and auth.key_files \
take effect at once; the server logs which other changes need a restart.";

#[derive(Debug, Default, Args)]
pub(crate) struct Serve {
    /// Import this file or database first, like `roster import`; does not change existing users; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rows: Rows,
    #[command(flatten)]
    pub(crate) rules: ImportRules,
}

const EXPORT_HELP: &str = "\
Examples:
  roster export | head
  roster export --with-hashes --output backup.ndjson
  roster export --format csv --output users.csv
  roster export --to django --with-hashes --output users.json";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Include the password hashes, so that passwords still work after an import elsewhere
    #[arg(long)]
    pub(crate) with_hashes: bool,
    /// The format of the export
    #[arg(long, value_enum, default_value_t = ExportFormat::Ndjson, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Write what this system imports, instead of Roster's own records
    #[arg(long, value_enum, value_name = "SYSTEM", conflicts_with = "format")]
    pub(crate) to: Option<ExportPeer>,
    /// Write to this file instead of stdout; only its owner can read it
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the --output file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object per line
    Ndjson,
    /// One JSON array
    Json,
    /// Comma-separated values (RFC 4180) with a header
    Csv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportPeer {
    /// A realm file; to verify bcrypt hashes, Keycloak needs an extension
    Keycloak,
    /// A file for Auth0's bulk import
    Auth0,
    /// A file for `firebase auth:import --hash-algo=BCRYPT`
    Firebase,
    /// A fixture for Django's `loaddata`; it needs the hasher `BCryptPasswordHasher`
    Django,
    /// Comma-separated values (RFC 4180), like --format csv
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// The server's address, if it is not the one in the settings.
    #[arg(
        long,
        help = "The server's address, if it is not the one in the settings, for example http://127.0.0.1:8000"
    )]
    pub(crate) url: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Config {
    /// Print every setting and where it was set, with secrets masked
    Show,
    /// Check the settings and report every error in them
    Check,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_default_command_is_serve() {
        let cli = Cli::try_parse_from(["roster", "--config", "x.toml"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.config, Some("x.toml".into()));
    }

    #[test]
    fn a_password_is_never_an_argument() {
        for line in [
            &["roster", "user", "create", "anna", "--password", "secret"][..],
            &["roster", "user", "set-password", "anna", "secret"],
        ] {
            assert!(Cli::try_parse_from(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn force_requires_an_output_file() {
        assert!(Cli::try_parse_from(["roster", "export", "--force"]).is_err());
    }
}
