//! The rules of ARCHITECTURE.md about what may depend on what: between crates, and between the files of a crate.
//! Which outside crate may be used where is in `deny.toml`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod circles;
mod crates;
mod graph;
mod mentions;
mod modules;
mod verifier;
mod workspace;
