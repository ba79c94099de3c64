//! Log filters, and changing them while the process runs.

use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_log::AsLog;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer};

use super::error::LogsError;

/// The target at which actix logs failed connections as errors. Clients cause most of them and could flood the log.
const CONNECTIONS: &str = "actix_http::h1";

/// The driver of PostgreSQL logs the parameters of statements, such as password hashes. Its events are never logged.
const DATABASE_DRIVER: &str = "tokio_postgres";

/// A log filter: a level, and other levels by target prefix, such as `info,roster::access=warn`. Failed connections are
/// logged only if `actix_http::h1` is named.
#[derive(Debug, Clone)]
pub struct Filter(Targets);

impl FromStr for Filter {
    type Err = LogsError;

    fn from_str(text: &str) -> Result<Self, LogsError> {
        let none = || LogsError::Filter { filter: text.to_owned() };
        // The parser would take any other word for a target, and nothing would be logged.
        if !text.split(',').all(is_directive) {
            return Err(none());
        }
        let parts = text.split(',').filter(|part| !part.starts_with(DATABASE_DRIVER));
        let targets: Targets = parts.collect::<Vec<_>>().join(",").parse().map_err(|_| none())?;
        let targets = targets.with_target(DATABASE_DRIVER, LevelFilter::OFF);
        Ok(Self(if text.contains(CONNECTIONS) {
            targets
        } else {
            targets.with_target(CONNECTIONS, LevelFilter::OFF)
        }))
    }
}

/// Whether a part of a filter is a level, or a target with a level.
fn is_directive(part: &str) -> bool {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_name =
        |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    match part.split_once('=') {
        Some((target, level)) => target.split("::").all(is_name) && is_level(level),
        None => is_level(part),
    }
}

/// The current filter, which can be replaced.
///
/// `tracing_subscriber::reload` would take a lock twice per event. `tracing` asks a filter by target once per call site,
/// and again only after a replacement, so here events cost nothing extra.
#[derive(Clone)]
pub struct LiveFilter(Arc<ArcSwap<Targets>>);

impl LiveFilter {
    pub(super) fn new(filter: Filter) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(filter.0)))
    }

    /// Replaces the filter.
    pub fn replace(&self, filter: Filter) {
        self.0.store(Arc::new(filter.0));
        tracing::callsite::rebuild_interest_cache();
        // Events of the `log` crate have a separate maximum level.
        tracing_log::log::set_max_level(LevelFilter::current().as_log());
    }
}

impl<S: Subscriber> Layer<S> for LiveFilter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        Layer::<S>::register_callsite(&**self.0.load(), metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        Layer::<S>::enabled(&**self.0.load(), metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Layer::<S>::max_level_hint(&**self.0.load())
    }
}
