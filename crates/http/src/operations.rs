//! What operators monitor: health, metrics, the version.

use crate::observer::HttpObserver;
use actix_web::web::Bytes;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the binary provides for operators.
#[derive(Clone)]
pub struct Operations {
    /// The version of the program.
    pub version: &'static str,
    /// When it started.
    pub started: Instant,
    /// Reports whether the store, the keys and password hashing work.
    pub health: Arc<dyn HealthProbe>,
    /// Writes the metrics.
    pub metrics: Arc<dyn MetricsSource>,
    /// Who may read them.
    pub metrics_access: MetricsAccess,
    /// Is called for every request.
    pub observer: Arc<dyn HttpObserver>,
}

/// Reports whether the parts that every request needs work.
pub trait HealthProbe: Send + Sync {
    /// One check per part. It must not block, since probes arrive every second: report what is already known.
    fn checks(&self) -> Vec<HealthCheck>;
}

/// Whether one part works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// `store`, `keys` or `hashing`.
    pub name: &'static str,
    /// Whether it works.
    pub healthy: bool,
}

/// Writes the metrics.
pub trait MetricsSource: Send + Sync {
    /// All metrics in the text format of Prometheus.
    ///
    /// # Errors
    /// If they cannot be gathered. The client gets a 500 without the reason.
    fn metrics(&self) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Anyone.
    #[default]
    Open,
    /// Callers with `metrics:read`.
    Bearer,
    /// Nobody: the path responds with 404.
    Off,
}

impl Operations {
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The OpenAPI document, made once when the server starts.
#[derive(Clone)]
pub(crate) struct OpenApi(pub(crate) Bytes);
