#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod absence;
mod cluster;
mod database;
mod environment;
mod guardian;
mod pgbouncer;
mod programs;
mod server;
mod statements;

pub use cluster::{Cluster, ClusterBuilder, Paused, StopMode};
pub use database::{Database, database, query};
pub use pgbouncer::{Pgbouncer, PoolMode};
pub use statements::Session;
