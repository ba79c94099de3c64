//! Roster's [`logs`] and [`metrics`].
//!
//! * [`logs::init`] sends events of `tracing` and of the `log` crate to one stream: one JSON object per line for
//!   machines, or text for humans. Requests never wait for that stream.
//! * [`metrics::Registry`] contains the metrics of a scrape. Some are counted here, through handles such as
//!   [`metrics::HttpMetrics`]; others are atomics of other crates, read at each scrape.
//!
//! ```
//! use roster_telemetry::metrics::Registry;
//!
//! let registry = Registry::new("0.1.0")?;
//! registry.gauge("roster_things", "Things.", || 42)?;
//! assert!(registry.encode()?.contains("roster_things 42\n"));
//! # Ok::<(), roster_telemetry::metrics::MetricsError>(())
//! ```
//!
//! The crate does not depend on the other crates; the binary connects their counters and observers to it.

pub mod logs;
pub mod metrics;
