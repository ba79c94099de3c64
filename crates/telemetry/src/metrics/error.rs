//! Errors of metrics.

/// A metric could not be registered or encoded, because its name is malformed or taken.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);
