//! The arguments of `roster audit`.

use std::net::IpAddr;
use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use roster_domain::{Action, Outcome, TimeOrDate};

pub(super) const AUDIT_HELP: &str = "\
The log shows the current names of users; deleted users appear with their id only. If no server can be reached, --follow \
reads the database, or with the JSON engine the files: a server writes new records to them after one second without \
changes, at the latest after ten.

Examples:
  roster audit --outcome bad_credentials --from 2026-03-01
  roster audit --target anna --from 2026-03-01 --to 2026-03-02
  roster audit --target k3Jd9sLqP0aZ                search by the prefix of an API key
  roster audit --from 2026-03-01T09:00:00+01:00 --to 2026-03-01T10:00:00+01:00
  roster audit --limit 20 --format table
  roster audit --follow --action logged_in | jq .ip";

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Only show what this actor did: a username, an email address, the name of a service account, the prefix of an API
    /// key, the id of any of these, or anonymous, operator or system
    #[arg(long, value_name = "ACTOR")]
    pub(crate) actor: Option<String>,
    /// Only show what was done to this target: a user, service account or API key as for --actor, the id of a session, or
    /// a unique prefix of the kid of a signing key
    #[arg(long, value_name = "TARGET", allow_hyphen_values = true)]
    pub(crate) target: Option<String>,
    /// Only show this action, for example `logged_in`
    #[arg(long)]
    pub(crate) action: Option<Action>,
    /// Only show this outcome, for example `success` or `bad_credentials`
    #[arg(long)]
    pub(crate) outcome: Option<Outcome>,
    /// Only show records from this time on: an RFC 3339 time, or a date, which means midnight UTC
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<TimeOrDate>,
    /// Only show records before this time, in the same formats; a date excludes that day itself
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<TimeOrDate>,
    /// Only show records with this IP address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ip: Option<IpAddr>,
    /// The maximum number of records; unlimited by default
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    pub(crate) limit: Option<NonZeroUsize>,
    /// The output format
    #[arg(long, value_enum, default_value_t = AuditFormat::Ndjson, value_name = "FORMAT")]
    pub(crate) format: AuditFormat,
    /// Wait for new records and print each one as it arrives, as one JSON object per line
    #[arg(long, conflicts_with_all = ["limit", "format"])]
    pub(crate) follow: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AuditFormat {
    /// One JSON object per line, with the fields of GET /audit?include=names; `username` is called `name` here
    Ndjson,
    /// One JSON array
    Json,
    /// A readable table
    Table,
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "must be a whole number of at least 1; omit --limit to show all records")
}
