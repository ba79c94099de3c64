//! Which events are logged, and how that changes while the process runs.

use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_log::AsLog;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer};

use super::error::LogsError;

/// Where actix tells of connections that fail, as errors. It is most often the doing of whoever is at the other
/// end, who would fill the log at will.
const CONNECTIONS: &str = "actix_http::h1";

/// Which events are logged: a level, and other levels for the targets that begin with a name, such as
/// `info,roster::access=warn`. Connections that fail are logged only if `actix_http::h1` is named.
#[derive(Debug, Clone)]
pub struct Filter(Targets);

impl FromStr for Filter {
    type Err = LogsError;

    fn from_str(text: &str) -> Result<Self, LogsError> {
        let none = || LogsError::Filter { filter: text.to_owned() };
        // The parser takes any other word for a target, and nothing is logged.
        if !text.split(',').all(is_directive) {
            return Err(none());
        }
        let targets: Targets = text.parse().map_err(|_| none())?;
        Ok(Self(if text.contains(CONNECTIONS) {
            targets
        } else {
            targets.with_target(CONNECTIONS, LevelFilter::OFF)
        }))
    }
}

/// Whether a part of a filter is a level, or a target with a level of its own.
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

/// The filter in force, which can be replaced.
///
/// `tracing_subscriber::reload` would take a lock twice for each event. A filter by target is asked once for each
/// place in the code, and again only after it was replaced: here an event costs nothing more.
#[derive(Clone)]
pub struct LiveFilter(Arc<ArcSwap<Targets>>);

impl LiveFilter {
    pub(super) fn new(filter: Filter) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(filter.0)))
    }

    /// Logs what passes `filter` from now on.
    pub fn replace(&self, filter: Filter) {
        self.0.store(Arc::new(filter.0));
        tracing::callsite::rebuild_interest_cache();
        // What other crates log with `log` is cut off at a level of its own.
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
