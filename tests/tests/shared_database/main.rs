//! Several servers on one PostgreSQL database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod jobs;
mod keys;
mod kit;
mod limits;
mod replacement;
mod sealing;
mod socket;
mod sweep;
