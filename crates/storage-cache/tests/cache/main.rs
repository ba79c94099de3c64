//! What is particular to the cache: what it keeps, for how long, and what it never shows.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod invalidation;
mod lifetime;
mod races;
mod service_accounts;
mod setup;
