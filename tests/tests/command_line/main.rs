//! Tests of the command line: every command, its exit codes and its output.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod backups;
mod blocked;
mod copy;
mod copy_resumed;
mod doctor;
mod doctor_files;
mod errors;
mod first_start;
mod frames;
mod handover;
mod import_export;
mod import_several;
mod information;
mod keys;
mod migrate;
mod newer_words;
mod ownership;
mod parity;
mod peppers;
mod protocol;
mod reload;
mod restore_replace;
mod sandbox;
mod service_accounts;
mod sessions;
mod shutdown;
mod socket;
mod stalled;
mod users;
mod weak_hashes;
