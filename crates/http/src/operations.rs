//! What operators look at: health, metrics, the version.

use crate::middleware::HttpObserver;
use actix_web::web::Bytes;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the binary tells of itself and wants to hear, put together once.
#[derive(Clone)]
pub struct Operations {
    /// The version of the program.
    pub version: &'static str,
    /// Since when it runs.
    pub started: Instant,
    /// Says whether the store, the keys and the hashing are usable.
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
    /// `store`, `keys` or `hashing`.
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

impl Operations {
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The OpenAPI document, made once and served as it is.
#[derive(Clone)]
pub(crate) struct OpenApi(pub(crate) Bytes);
