//! Initializes the log.

use std::io;

use anyhow::Context;
use roster_config::{LogFormat, Settings};
use roster_telemetry::logs::{self, Filter, Format, LiveFilter, LogGuard};

/// Initializes the log of the server. The filter can be replaced later.
///
/// # Errors
/// If the filter is invalid.
pub(crate) fn init_for_server(settings: &Settings) -> anyhow::Result<(LogGuard, LiveFilter)> {
    let log = logs::init(format(settings.log.format), filter(settings)?, io::stderr())?;
    logs::log_panics();
    Ok(log)
}

/// Initializes the log of a command: warnings as text, unless a setting says otherwise.
///
/// # Errors
/// If the filter is invalid.
pub(crate) fn init_for_command(settings: &Settings) -> anyhow::Result<LogGuard> {
    let chosen = filter(settings)?;
    let filter = if settings.is_set("log.level") { chosen } else { "warn".parse()? };
    let format = if settings.is_set("log.format") { format(settings.log.format) } else { Format::Pretty };
    let (guard, _filter) = logs::init(format, filter, io::stderr())?;
    Ok(guard)
}

/// Parses the filter in the settings.
///
/// # Errors
/// If the filter is invalid.
pub(crate) fn filter(settings: &Settings) -> anyhow::Result<Filter> {
    settings.log.level.parse().context("log.level")
}

fn format(format: LogFormat) -> Format {
    match format {
        LogFormat::Json => Format::Json,
        LogFormat::Pretty => Format::Pretty,
    }
}
