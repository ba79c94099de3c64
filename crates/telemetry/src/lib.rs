//! Logs and metrics: tracing set-up and the Prometheus registry.
