//! Two servers with a cache each, at one PostgreSQL database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod lost_connection;
mod notices;
mod setup;
