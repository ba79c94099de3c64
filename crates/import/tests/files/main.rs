//! What is read from files of every format, and what is said about bad ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod formats;
mod reading;
mod shapes;
