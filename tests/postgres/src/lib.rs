#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod absence;
mod cluster;
mod database;
mod environment;
mod guardian;
mod programs;
mod server;

pub use cluster::{Cluster, ClusterBuilder, Paused, StopMode};
pub use database::{Database, database, query};
