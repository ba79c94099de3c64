//! What can be typed after `roster audit`.

use std::net::IpAddr;
use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use roster_domain::{Action, Outcome, TimeOrDate};

pub(super) const AUDIT_HELP: &str = "\
Names are of those who are still here; whoever was erased is shown by the id alone. Without a server that takes \
commands, --follow reads the files, to which a server adds after a second without a change, ten at the latest.

Examples:
  roster audit --outcome bad_credentials --from 2026-03-01
  roster audit --target anna --from 2026-03-01 --to 2026-03-02
  roster audit --target k3Jd9sLqP0aZ                the prefix of an API key
  roster audit --from 2026-03-01T09:00:00+01:00 --to 2026-03-01T10:00:00+01:00
  roster audit --limit 20 --format table
  roster audit --follow --action logged_in | jq .ip";

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Only what this one did: a username, an email address, the name of a service account, the prefix of an API key,
    /// the id of any of these, or anonymous, operator or system
    #[arg(long, value_name = "WHO")]
    pub(crate) actor: Option<String>,
    /// Only what was done to this user, service account or API key, named likewise, to the session with this id, or to
    /// the key for access tokens with this kid (enough of its beginning)
    #[arg(long, value_name = "WHOM", allow_hyphen_values = true)]
    pub(crate) target: Option<String>,
    /// Only this, such as `logged_in`
    #[arg(long)]
    pub(crate) action: Option<Action>,
    /// Only what ended so, such as `success` or `bad_credentials`
    #[arg(long)]
    pub(crate) outcome: Option<Outcome>,
    /// Only what was done at this time or later: RFC 3339, or a date, which is its midnight in UTC
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<TimeOrDate>,
    /// Only what was done before this time, given likewise: the day of a date is not in it any more
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<TimeOrDate>,
    /// Only what came from this address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ip: Option<IpAddr>,
    /// How many at most; all without it
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    pub(crate) limit: Option<NonZeroUsize>,
    /// How the records are written
    #[arg(long, value_enum, default_value_t = AuditFormat::Ndjson, value_name = "FORMAT")]
    pub(crate) format: AuditFormat,
    /// Waits for new records instead, and writes each as it comes, an object a line
    #[arg(long, conflicts_with_all = ["limit", "format"])]
    pub(crate) follow: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AuditFormat {
    /// A JSON object a line, with the fields of GET /audit
    Ndjson,
    /// One JSON array
    Json,
    /// For people
    Table,
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "it must be a whole number from 1; without --limit all are shown")
}
