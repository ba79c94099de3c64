//! The dependency rules of ARCHITECTURE.md, between crates and between the files of a crate.
//! `deny.toml` has the rules for third-party crates.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod crates;
mod cycles;
mod graph;
mod mentions;
mod modules;
mod verifier;
mod workspace;
