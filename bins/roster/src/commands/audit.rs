//! `roster audit`

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_domain::{
    Action, AuditFilter, AuditPage, AuditQuery, AuditRecord, Limit, Outcome as Ended, TimeOrDate,
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

/// How often `--follow` looks for news.
const PERIOD: Duration = Duration::from_millis(500);

/// Which records to show, and how.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuditRequest {
    actor: Option<String>,
    target: Option<String>,
    action: Option<Action>,
    outcome: Option<Ended>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    ip: Option<IpAddr>,
    extent: Extent,
    format: Format,
}

/// Which part of the log.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Extent {
    /// What is there, the newest first, this much of it at most.
    There { limit: Option<NonZeroUsize> },
    /// What comes from now on.
    ToCome,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Ndjson,
    Json,
    Table,
}

/// What the arguments ask for.
pub(super) fn request(args: Audit) -> AuditRequest {
    AuditRequest {
        actor: args.actor,
        target: args.target,
        action: args.action,
        outcome: args.outcome,
        from: args.from.map(TimeOrDate::timestamp),
        to: args.to.map(TimeOrDate::timestamp),
        ip: args.ip,
        extent: if args.follow { Extent::ToCome } else { Extent::There { limit: args.limit } },
        format: match args.format {
            AuditFormat::Ndjson => Format::Ndjson,
            AuditFormat::Json => Format::Json,
            AuditFormat::Table => Format::Table,
        },
    }
}

impl AuditRequest {
    /// Whoever follows the log does not keep others from the store.
    pub(super) const fn store_access(&self) -> StoreAccess {
        match self.extent {
            Extent::There { .. } => StoreAccess::Prefers(Purpose::Looking),
            Extent::ToCome => StoreAccess::Files,
        }
    }

    /// Whether it shows what is yet to come.
    pub(super) fn follows_log(&self) -> bool {
        self.extent == Extent::ToCome
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

/// Shows the audit log of the open store, or as it is in its files.
///
/// # Errors
/// If a name is nobody's, or the log cannot be read.
pub(super) async fn execute(
    context: &CommandContext,
    args: &AuditRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    let source = AuditSource::of(context)?;
    let filter = args.filter(&source).await?;
    match args.extent {
        Extent::There { limit } => show(&source, filter, limit, args.format, console).await?,
        Extent::ToCome => follow(&source, &filter, console).await?,
    }
    if source.is_behind()? {
        console
            .note(
                "note: this is the log as of the last snapshot; newer records are in the journal until a second passes \
                 without a change, or until Roster is started again",
            )
            .await?;
    }
    Ok(Outcome::DONE)
}

/// Newest first.
async fn show(
    source: &AuditSource<'_>,
    filter: AuditFilter,
    limit: Option<NonZeroUsize>,
    format: Format,
    console: &Console,
) -> anyhow::Result<()> {
    let mut left = limit.map_or(usize::MAX, NonZeroUsize::get);
    let mut query = AuditQuery { filter, ..AuditQuery::default() };
    let mut text = Text::new(format);
    while left > 0 {
        let page = u64::try_from(left).unwrap_or(u64::MAX).min(Limit::MAX.into());
        query.limit = Limit::new(page)?;
        let AuditPage { items, next } = source.page(&query).await?;
        left -= items.len();
        console.print(text.page(source, &items).await?).await?;
        query.before = next;
        if next.is_none() {
            break;
        }
    }
    Ok(console.print(text.end()).await?)
}

/// What comes from now on, oldest first, until somebody ends it.
async fn follow(source: &AuditSource<'_>, filter: &AuditFilter, console: &Console) -> anyhow::Result<()> {
    let newest = AuditQuery { limit: Limit::new(1)?, ..AuditQuery::default() };
    let mut last = source.page(&newest).await?.items.first().map(|record| record.id);
    let mut text = Text::new(Format::Ndjson);
    loop {
        let mut news = Vec::new();
        let mut query = AuditQuery { limit: Limit::new(Limit::MAX.into())?, ..AuditQuery::default() };
        loop {
            let page = source.page(&query).await?;
            let before = news.len();
            let len = page.items.len();
            news.extend(page.items.into_iter().take_while(|record| Some(record.id) != last));
            query.before = page.next;
            if query.before.is_none() || news.len() - before < len {
                break;
            }
        }
        last = news.first().map(|record| record.id).or(last);
        news.reverse();
        news.retain(|record| filter.matches(record));
        console.print(text.page(source, &news).await?).await?;
        sleep(PERIOD).await;
    }
}

/// Records, in one of the formats.
struct Text {
    format: Format,
    /// What a table needs at once.
    rows: Vec<[String; HEADINGS.len()]>,
    /// Records so far.
    count: usize,
}

impl Text {
    const fn new(format: Format) -> Self {
        Self { format, rows: Vec::new(), count: 0 }
    }

    /// What can be written of these records now.
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

    /// What is left to write at the end.
    fn end(&self) -> String {
        match self.format {
            Format::Ndjson => String::new(),
            Format::Json => (if self.count == 0 { "[]\n" } else { "\n]\n" }).to_owned(),
            Format::Table => terminal::table(HEADINGS, &self.rows),
        }
    }
}
