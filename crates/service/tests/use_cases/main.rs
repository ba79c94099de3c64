//! Tests of the use cases with the embedded engine, without HTTP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod api_keys;
mod authority;
mod denials;
mod exports;
mod exports_elsewhere;
mod fixtures;
mod import_properties;
mod imports;
mod jobs;
mod kit;
mod limits;
mod logins;
mod meanwhile;
mod memory_jobs;
mod migrations;
mod operators;
mod profiles;
mod races;
mod refreshes;
mod service_account_authority;
mod service_account_tokens;
mod service_accounts;
mod sessions;
mod step_up;
mod temporary_passwords;
