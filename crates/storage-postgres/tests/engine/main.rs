//! What is particular to PostgreSQL: encryption, failover, outcomes that are unknown, the schema.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod connection_limit;
mod faults;
mod hosts;
mod lists;
mod outcomes;
mod plans;
mod pooler;
mod proxy;
mod races;
mod read_replica_timelines;
mod read_replicas;
mod schema;
mod series;
mod setup;
mod signing_keys;
mod tls;
mod totals;
mod words;
