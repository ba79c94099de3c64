//! `roster audit`

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_domain::{
    Action, AuditFilter, AuditPage, AuditQuery, AuditRecord, Limit, Outcome as AuditOutcome, TimeOrDate,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::app::Purpose;
use crate::cli::{Audit, AuditFormat};
use crate::commands::audit_source::AuditSource;
use crate::commands::audit_view::{AuditView, HEADINGS, row};
use crate::commands::context::CommandContext;
use crate::commands::store_access::StoreAccess;
use crate::control::{Console, Outcome};
use crate::terminal;

/// How often `--follow` checks for new records.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The records to show, and their format.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuditRequest {
    actor: Option<String>,
    target: Option<String>,
    action: Option<Action>,
    outcome: Option<AuditOutcome>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    ip: Option<IpAddr>,
    extent: Extent,
    format: Format,
}

/// The part of the log to show.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Extent {
    /// The existing records, newest first, up to a limit.
    #[serde(rename = "there")]
    Existing { limit: Option<NonZeroUsize> },
    /// New records only.
    #[serde(rename = "to_come")]
    New,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Ndjson,
    Json,
    Table,
}

impl From<AuditFormat> for Format {
    fn from(format: AuditFormat) -> Self {
        match format {
            AuditFormat::Ndjson => Self::Ndjson,
            AuditFormat::Json => Self::Json,
            AuditFormat::Table => Self::Table,
        }
    }
}

/// Creates the request from the arguments.
pub(super) fn request(args: Audit) -> AuditRequest {
    AuditRequest {
        actor: args.actor,
        target: args.target,
        action: args.action,
        outcome: args.outcome,
        from: args.from.map(TimeOrDate::timestamp),
        to: args.to.map(TimeOrDate::timestamp),
        ip: args.ip,
        extent: if args.follow { Extent::New } else { Extent::Existing { limit: args.limit } },
        format: args.format.into(),
    }
}

impl AuditRequest {
    /// A command that follows the log reads the files, so that it does not lock the store.
    pub(super) const fn store_access(&self) -> StoreAccess {
        match self.extent {
            Extent::Existing { .. } => StoreAccess::Prefers(Purpose::Reading),
            Extent::New => StoreAccess::PrefersFiles(Purpose::Reading),
        }
    }

    /// Whether the command waits for new records.
    pub(super) fn follows_log(&self) -> bool {
        self.extent == Extent::New
    }

    async fn filter(&self, source: &AuditSource<'_>) -> anyhow::Result<AuditFilter> {
        let &Self { action, outcome, from, to, ip, .. } = self;
        let mut filter = AuditFilter { action, outcome, from, to, ip, ..AuditFilter::default() };
        if let Some(who) = &self.actor {
            filter.actor = Some(source.actor(who).await?);
        }
        if let Some(whom) = &self.target {
            filter.target = Some(source.target(whom).await?);
        }
        Ok(filter)
    }
}

/// Shows the audit log of the open store, or of its files.
///
/// # Errors
/// If a name is unknown, or the log cannot be read.
pub(super) async fn execute(
    context: &CommandContext,
    request: &AuditRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    let source = AuditSource::of(context)?;
    let filter = request.filter(&source).await?;
    match request.extent {
        Extent::Existing { limit } => show(&source, filter, limit, request.format, console).await?,
        Extent::New => follow(&source, &filter, console).await?,
    }
    if source.is_behind()? {
        console
            .note(
                "note: this is the log as of the last snapshot; newer records are only in the journal until one second \
                 passes without changes or Roster restarts",
            )
            .await?;
    }
    Ok(Outcome::DONE)
}

/// Prints the existing records, newest first.
async fn show(
    source: &AuditSource<'_>,
    filter: AuditFilter,
    limit: Option<NonZeroUsize>,
    format: Format,
    console: &Console,
) -> anyhow::Result<()> {
    let mut left = limit.map_or(usize::MAX, NonZeroUsize::get);
    let mut query = AuditQuery { filter, ..AuditQuery::default() };
    let mut formatter = Formatter::new(format);
    while left > 0 {
        let page = u64::try_from(left).unwrap_or(u64::MAX).min(Limit::MAX.into());
        query.limit = Limit::new(page)?;
        let AuditPage { items, next } = source.page(&query).await?;
        left -= items.len();
        console.print(formatter.page(source, &items).await?).await?;
        query.before = next;
        if next.is_none() {
            break;
        }
    }
    Ok(console.print(formatter.end()).await?)
}

/// Prints new records, oldest first, until the command is cancelled.
async fn follow(source: &AuditSource<'_>, filter: &AuditFilter, console: &Console) -> anyhow::Result<()> {
    let newest = AuditQuery { limit: Limit::new(1)?, ..AuditQuery::default() };
    let mut last = source.page(&newest).await?.items.first().map(|record| record.id);
    let mut formatter = Formatter::new(Format::Ndjson);
    loop {
        let mut new = Vec::new();
        let mut query = AuditQuery { limit: Limit::new(Limit::MAX.into())?, ..AuditQuery::default() };
        loop {
            let page = source.page(&query).await?;
            let before = new.len();
            let len = page.items.len();
            new.extend(page.items.into_iter().take_while(|record| Some(record.id) != last));
            query.before = page.next;
            if query.before.is_none() || new.len() - before < len {
                break;
            }
        }
        last = new.first().map(|record| record.id).or(last);
        new.reverse();
        new.retain(|record| filter.matches(record));
        console.print(formatter.page(source, &new).await?).await?;
        sleep(POLL_INTERVAL).await;
    }
}

/// Formats records.
struct Formatter {
    format: Format,
    /// The rows of a table, which are printed together at the end.
    rows: Vec<[String; HEADINGS.len()]>,
    /// The number of records so far.
    count: usize,
}

impl Formatter {
    const fn new(format: Format) -> Self {
        Self { format, rows: Vec::new(), count: 0 }
    }

    /// The text for these records; empty for a table.
    async fn page(
        &mut self,
        source: &AuditSource<'_>,
        records: &[Arc<AuditRecord>],
    ) -> anyhow::Result<String> {
        let names = source.names(records).await?;
        let mut text = String::new();
        for record in records {
            match self.format {
                Format::Ndjson => text += &(AuditView::new(record, &names).json()? + "\n"),
                Format::Json => {
                    let lead = if self.count == 0 { "[\n" } else { ",\n" };
                    text = text + lead + &AuditView::new(record, &names).json()?;
                }
                Format::Table => self.rows.push(row(record, &names)),
            }
            self.count += 1;
        }
        Ok(text)
    }

    /// The text at the end.
    fn end(&self) -> String {
        match self.format {
            Format::Ndjson => String::new(),
            Format::Json => (if self.count == 0 { "[]\n" } else { "\n]\n" }).to_owned(),
            Format::Table => terminal::table(HEADINGS, &self.rows),
        }
    }
}
