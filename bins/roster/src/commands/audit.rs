//! `roster audit`

use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use roster_config::{Settings, StorageUrl};
use roster_domain::{AuditFilter, AuditPage, AuditQuery, AuditRecord, Limit, TimeOrDate};
use roster_storage_json::AuditLog;

use crate::cli::{Audit, AuditFormat};
use crate::commands::audit_view::{AuditView, HEADINGS, row};
use crate::commands::directory::Directory;
use crate::commands::require_store;
use crate::{Ending, logs, terminal};

/// How often `--follow` looks for news.
const PERIOD: Duration = Duration::from_millis(500);

/// Shows the audit log as it is in its files, beside a running server or without one.
///
/// # Errors
/// If a file cannot be read, or stdout not be written.
pub(crate) fn run(settings: &Settings, asked: &Audit) -> anyhow::Result<Ending> {
    let _log = logs::of_command(settings)?;
    require_store(settings)?;
    let StorageUrl::Json { path } = &settings.storage.url;
    let filter = filter(asked, &mut Directory::of(settings))?;
    let log = AuditLog::beside(path);
    let failed = || format!("cannot read the audit log beside \"{}\"", path.display());
    let shown = if asked.follow { follow(&log, &filter, asked) } else { show(&log, filter, asked) };
    match shown {
        // Its reader, such as `head`, has seen enough.
        Err(error) if is_closed(&error) => return Ok(Ending::Done),
        shown => shown.with_context(failed)?,
    }
    if !asked.follow && log.is_behind().with_context(failed)? {
        terminal::note(
            "note: this is the log as of the last snapshot; newer records are in the journal until a second passes \
             without a change, or until Roster is started again",
        );
    }
    Ok(Ending::Done)
}

/// Newest first.
fn show(log: &AuditLog, filter: AuditFilter, asked: &Audit) -> anyhow::Result<()> {
    let mut left = asked.limit.map_or(usize::MAX, NonZeroUsize::get);
    let mut query = AuditQuery { filter, ..AuditQuery::default() };
    let mut out = Output::new(asked.format);
    while left > 0 {
        let page = u64::try_from(left).unwrap_or(u64::MAX).min(Limit::MAX.into());
        query.limit = Limit::new(page)?;
        let AuditPage { items, next } = log.page(&query)?;
        left -= items.len();
        items.iter().try_for_each(|record| out.write(record))?;
        query.before = next;
        if next.is_none() {
            break;
        }
    }
    out.end()
}

/// What comes from now on, oldest first, until somebody ends it.
fn follow(log: &AuditLog, filter: &AuditFilter, asked: &Audit) -> anyhow::Result<()> {
    let newest = AuditQuery { limit: Limit::new(1)?, ..AuditQuery::default() };
    let mut last = log.page(&newest)?.items.first().map(|record| record.id);
    let mut out = Output::new(asked.format);
    loop {
        let mut news = Vec::new();
        let mut query = AuditQuery { limit: Limit::new(Limit::MAX.into())?, ..AuditQuery::default() };
        loop {
            let page = log.page(&query)?;
            let before = news.len();
            let len = page.items.len();
            news.extend(page.items.into_iter().take_while(|record| Some(record.id) != last));
            query.before = page.next;
            if query.before.is_none() || news.len() - before < len {
                break;
            }
        }
        last = news.first().map(|record| record.id).or(last);
        news.iter().rev().filter(|record| filter.matches(record)).try_for_each(|record| out.write(record))?;
        thread::sleep(PERIOD);
    }
}

fn filter(asked: &Audit, directory: &mut Directory<'_>) -> anyhow::Result<AuditFilter> {
    Ok(AuditFilter {
        actor: asked.actor.as_deref().map(|who| directory.actor(who)).transpose()?,
        target: asked.target.as_deref().map(|whom| directory.target(whom)).transpose()?,
        action: asked.action,
        outcome: asked.outcome,
        from: asked.from.map(TimeOrDate::timestamp),
        to: asked.to.map(TimeOrDate::timestamp),
        ip: asked.ip,
    })
}

/// Stdout, in one of the formats.
struct Output {
    format: AuditFormat,
    /// What a table needs at once.
    rows: Vec<[String; HEADINGS.len()]>,
    /// Records written.
    count: usize,
}

impl Output {
    const fn new(format: AuditFormat) -> Self {
        Self { format, rows: Vec::new(), count: 0 }
    }

    fn write(&mut self, record: &AuditRecord) -> anyhow::Result<()> {
        match self.format {
            AuditFormat::Ndjson => put(&(AuditView::new(record).json()? + "\n"))?,
            AuditFormat::Json => {
                let lead = if self.count == 0 { "[\n" } else { ",\n" };
                put(&format!("{lead}{}", AuditView::new(record).json()?))?;
            }
            AuditFormat::Table => self.rows.push(row(record)),
        }
        self.count += 1;
        Ok(())
    }

    fn end(&self) -> anyhow::Result<()> {
        match self.format {
            AuditFormat::Ndjson => Ok(()),
            AuditFormat::Json => Ok(put(if self.count == 0 { "[]\n" } else { "\n]\n" })?),
            AuditFormat::Table => Ok(put(&terminal::table(HEADINGS, &self.rows))?),
        }
    }
}

fn put(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

fn is_closed(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<io::Error>(), Some(cause) if cause.kind() == ErrorKind::BrokenPipe)
}
