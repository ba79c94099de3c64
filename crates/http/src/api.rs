//! What the handlers work with.

use crate::middleware::HttpObserver;
use actix_web::web::Bytes;
use roster_service::Roster;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Everything that a handler may reach, put together once by the binary.
#[derive(Clone)]
pub struct Api {
    parts: Parts,
    /// Made at the start, served as it is.
    document: Bytes,
    started: Instant,
}

/// What an [`Api`] is made of.
#[derive(Clone)]
pub struct Parts {
    /// The use cases.
    pub roster: Arc<Roster>,
    /// The version of the program.
    pub version: &'static str,
    /// Says whether the store and the keys are usable.
    pub health: Arc<dyn HealthProbe>,
    /// Writes the metrics.
    pub metrics: Arc<dyn MetricsSource>,
    /// Who may read them.
    pub metrics_access: MetricsAccess,
    /// Hears of every request.
    pub observer: Arc<dyn HttpObserver>,
}

/// Says whether the parts that every request needs are usable.
pub trait HealthProbe: Send + Sync {
    /// One line a part. It must answer at once, from what is known: probes come every second.
    fn checks(&self) -> Vec<HealthCheck>;
}

/// Whether one part is usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// `store` or `keys`.
    pub name: &'static str,
    /// Whether it works.
    pub well: bool,
}

/// Writes the metrics.
pub trait MetricsSource: Send + Sync {
    /// All metrics in the text format of Prometheus.
    ///
    /// # Errors
    /// Whatever kept them from being gathered; the client sees a 500 without it.
    fn metrics(&self) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Anyone.
    #[default]
    Open,
    /// Whoever holds `metrics:read`.
    Bearer,
    /// No one: the path is not there.
    Off,
}

impl Api {
    /// Puts the parts together and makes the OpenAPI document.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts, document: crate::openapi_document(), started: Instant::now() }
    }

    pub(crate) fn roster(&self) -> &Roster {
        &self.parts.roster
    }

    pub(crate) fn version(&self) -> &'static str {
        self.parts.version
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn health(&self) -> Vec<HealthCheck> {
        self.parts.health.checks()
    }

    pub(crate) fn document(&self) -> Bytes {
        self.document.clone()
    }

    pub(crate) fn metrics(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        self.parts.metrics.metrics()
    }

    pub(crate) fn metrics_access(&self) -> MetricsAccess {
        self.parts.metrics_access
    }

    pub(crate) fn observer(&self) -> Arc<dyn HttpObserver> {
        Arc::clone(&self.parts.observer)
    }
}
