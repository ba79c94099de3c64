//! Which log goes where.

use std::io;

use anyhow::Context;
use roster_config::{LogFormat, Settings};
use roster_telemetry::logs::{self, Filter, Format, LiveFilter, LogGuard};

/// Logs as the settings say; the filter can be replaced later.
///
/// # Errors
/// If the filter is none.
pub(crate) fn of_server(settings: &Settings) -> anyhow::Result<(LogGuard, LiveFilter)> {
    let log = logs::init(format(settings.log.format), filter(settings)?, io::stderr())?;
    logs::log_panics();
    Ok(log)
}

/// Logs for the person who typed a command: warnings as text, unless a setting asks for something else.
///
/// # Errors
/// If the filter is none.
pub(crate) fn of_command(settings: &Settings) -> anyhow::Result<LogGuard> {
    let chosen = filter(settings)?;
    let filter = if settings.is_set("log.level") { chosen } else { "warn".parse()? };
    let format = if settings.is_set("log.format") { format(settings.log.format) } else { Format::Pretty };
    let (guard, _filter) = logs::init(format, filter, io::stderr())?;
    Ok(guard)
}

/// The filter that the settings name.
///
/// # Errors
/// If it is none.
pub(crate) fn filter(settings: &Settings) -> anyhow::Result<Filter> {
    settings.log.level.parse().context("log.level")
}

fn format(format: LogFormat) -> Format {
    match format {
        LogFormat::Json => Format::Json,
        LogFormat::Pretty => Format::Pretty,
    }
}
