//! The command line, from outside: every command, its exit codes, and what it says on which stream.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;
mod audit;
mod backups;
mod beside;
mod conversation;
mod doctor;
mod exchange;
mod first_start;
mod frames;
mod keys;
mod machines;
mod owners;
mod refusals;
mod reloading;
mod replacing;
mod sessions;
mod socket;
mod stopping;
mod stuck;
mod users;
mod workplace;
