//! Why a metric could not be registered or shown.

/// Why a metric could not be registered or shown: a name that is malformed or taken.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);
