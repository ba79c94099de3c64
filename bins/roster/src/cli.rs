//! What can be typed after `roster`.

mod audit;
mod backup;
mod keys;
mod machines;
mod session;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use roster_import::{ImportOptions, OldIds, PasswordTexts, RoleMapping};
use serde::{Deserialize, Serialize};

pub(crate) use audit::{Audit, AuditFormat};
pub(crate) use backup::{Backup, Doctor, Restore};
pub(crate) use keys::{Keys, KeysFormat};
pub(crate) use machines::{ApiKey, ServiceAccount};
pub(crate) use session::Session;
pub(crate) use user::{CreateUser, JsonView, ListUsers, PasswordSource, User};

/// Keeps the users of an organisation: registration, login, roles, audit.
///
/// Without a command it serves the HTTP API. Settings come from a file, .env and the environment; see
/// `roster config show`. The file is --config, or else roster.toml in the working directory, or else
/// /etc/roster/roster.toml.
#[derive(Debug, Parser)]
#[command(name = "roster", version, arg_required_else_help = false, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Reads settings from this file, not from roster.toml here or in /etc/roster
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Works on the data folder itself, and fails if a server holds it
    ///
    /// Without it, commands go through the server that runs on the same data, if one does. With it, `keys`, `audit` and
    /// `doctor` work on their files, beside a server too. It changes nothing for `serve`.
    #[arg(long, global = true)]
    offline: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Whether commands go through a server that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    /// They do.
    Used,
    /// They do not: `--offline`.
    Refused,
}

impl Cli {
    /// Reads the command line of this process, or ends it with what is wrong with that, or with help.
    pub(crate) fn of_process() -> Self {
        Self::parse()
    }

    /// Whether commands go through a server that runs.
    pub(crate) const fn socket(&self) -> Socket {
        if self.offline { Socket::Refused } else { Socket::Used }
    }
}

const EXAMPLES: &str = "\
Examples:
  roster                                  serve on http://127.0.0.1:8000, users in data/users.json
  ROSTER__SERVER__PORT=9000 roster        the same on another port
  roster import users.json --dry-run      show what an import would do
  roster user create anna --role admin    make an administrator, the password by prompt
  roster keys generate                    make the next key that signs access tokens
  roster config show                      what is in force, and where it was set

Every command works beside a running server and without one. Beside one it goes through a socket in the data folder, \
for the server's own user and root only.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 an import refused some records, or doctor found a fault.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the HTTP API until SIGTERM or Ctrl-C
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Imports the users in another system's file
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// Writes all users to a file or to stdout
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
    /// Writes all that is stored to one file, as of one moment
    #[command(after_help = backup::BACKUP_HELP)]
    Backup(Backup),
    /// Makes a store of a backup
    #[command(after_help = backup::RESTORE_HELP)]
    Restore(Restore),
    /// Checks a store, and says what to do about what is wrong
    #[command(after_help = backup::DOCTOR_HELP)]
    Doctor(Doctor),
    /// Looks at users and changes them
    #[command(subcommand, after_help = user::USER_HELP)]
    User(User),
    /// Looks at the sessions of a user, and ends them
    #[command(subcommand, after_help = session::SESSION_HELP)]
    Session(Session),
    /// Looks at service accounts, the accounts of machines, and changes them
    #[command(subcommand, after_help = machines::SERVICE_ACCOUNT_HELP)]
    ServiceAccount(ServiceAccount),
    /// Looks at the API keys of service accounts, makes, rotates and revokes them
    #[command(subcommand, after_help = machines::API_KEY_HELP)]
    ApiKey(ApiKey),
    /// Shows the audit log, newest record first
    #[command(after_help = audit::AUDIT_HELP)]
    Audit(Audit),
    /// Lists and rotates the keys that sign access tokens
    #[command(subcommand, after_help = keys::KEYS_HELP)]
    Keys(Keys),
    /// Asks a running server whether it is ready; exit code 0 if it is, 1 if not
    #[command(after_help = "For containers: HEALTHCHECK CMD [\"roster\", \"health\"]")]
    Health(Health),
    /// Shows or checks the settings
    #[command(subcommand)]
    Config(Config),
    /// Prints the OpenAPI document of the HTTP API
    Openapi,
    /// Prints a completion script for a shell
    #[command(after_help = "Example:\n  roster completions bash > /etc/bash_completion.d/roster")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const SERVE_HELP: &str = "\
The first line on stdout is `listening on http://ADDRESS:PORT`; logs go to stderr.

SIGTERM or Ctrl-C lets running requests finish (server.shutdown_timeout); a second one ends at once. After a SIGTERM \
/health/ready says 503 for server.drain_delay before the listener closes. SIGHUP reads the settings again: it takes over \
limits, CORS, log.level, server.trusted_proxies and auth.key_files, and logs what needs a restart.";

#[derive(Debug, Default, Args)]
pub(crate) struct Serve {
    /// Imports this file first, as `roster import` would; users who exist already are left alone
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: ImportRules,
}

const IMPORT_HELP: &str = "\
Examples:
  roster import users.json --dry-run
  roster import users.ndjson --report json > report.json
  roster import users.json --map-role is_superuser=admin --keep-ids
  curl https://old.example/users | roster import -

People who were locked out stay locked out. A text counts as a password only with --plain-text-passwords. Only --map-role \
and a role called admin grant privileges. A second run with the same file changes nothing. The exit code is 3 if a record \
was refused; the report says why.";

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file to read, JSON or NDJSON; - is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Writes nothing; reports what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) rules: ImportRules,
    /// The format of the report on stdout
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, value_name = "FORMAT")]
    pub(crate) report: ReportFormat,
}

/// What the operator allows an import to do.
#[derive(Debug, Default, Args)]
pub(crate) struct ImportRules {
    /// Accepts a text that is not a known hash as a password in plain text, unless it is a mask or a placeholder, or more
    /// than three records share it
    #[arg(long)]
    plain_text_passwords: bool,
    /// Keeps an id that is a free UUID, instead of making it the external id
    #[arg(long)]
    keep_ids: bool,
    /// Grants ROLE to everybody who has the role, group or flag NAME in the file; may be repeated
    #[arg(long = "map-role", value_name = "NAME=ROLE")]
    map_roles: Vec<RoleMapping>,
}

impl ImportRules {
    /// The options of the import.
    pub(crate) fn options(&self) -> ImportOptions {
        ImportOptions {
            texts: if self.plain_text_passwords { PasswordTexts::Accept } else { PasswordTexts::Refuse },
            ids: if self.keep_ids { OldIds::KeepUuids } else { OldIds::BecomeExternal },
            role_mappings: self.map_roles.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

const EXPORT_HELP: &str = "\
Examples:
  roster export | head
  roster export --with-hashes --output backup.ndjson
  roster export --format csv --output users.csv";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Includes the password hashes, so that passwords still work after an import elsewhere
    #[arg(long)]
    pub(crate) with_hashes: bool,
    /// The format of the export
    #[arg(long, value_enum, default_value_t = ExportFormat::Ndjson, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Writes to this file, readable by its owner only, instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replaces the file of --output if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A JSON object a line
    Ndjson,
    /// One JSON array
    Json,
    /// Comma-separated values (RFC 4180), with a header
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// The server's address, if not the one in the settings.
    #[arg(
        long,
        help = "The server's address, if not the one in the settings, such as http://127.0.0.1:8000"
    )]
    pub(crate) url: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Config {
    /// Prints every setting that is in force, secrets masked, and where it was set
    Show,
    /// Checks the settings and reports everything that is wrong with them
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
    fn without_a_command_it_serves() {
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
    fn forcing_makes_sense_only_with_a_file() {
        assert!(Cli::try_parse_from(["roster", "export", "--force"]).is_err());
    }
}
