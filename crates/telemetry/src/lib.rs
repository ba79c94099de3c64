//! What operators see of Roster: [`logs`] and [`metrics`].
//!
//! * [`logs::init`] sends `tracing` events, and those of the `log` crate, to one stream: a JSON object a line
//!   for machines, or text for people. A request never waits for that stream.
//! * [`metrics::Registry`] holds what a scrape shows. Some values are counted here, through handles such as
//!   [`metrics::HttpMetrics`]; others live as plain atomics in the crates that count them and are read at
//!   each scrape.
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
//! It depends on none of the other crates: the binary ties their counters and observers to it.

pub mod logs;
pub mod metrics;
