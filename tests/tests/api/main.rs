//! The HTTP API, from outside: what API.md promises to clients, a file a subject.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod administrators;
mod attacks;
mod audit;
mod audit_reading;
mod authority;
mod bad_input;
mod busy;
mod concurrency;
mod conditions;
mod cors;
mod document;
mod errors;
mod headers;
mod health;
mod keys;
mod lifecycle;
mod limits;
mod lists;
mod login;
mod logs;
mod machines;
mod machines_refused;
mod metrics;
mod minting;
mod oauth;
mod oauth_refused;
mod passwords;
mod privileged_fields;
mod profiles;
mod registration;
mod sessions;
mod stale_tokens;
mod token_settings;
mod tokens;
