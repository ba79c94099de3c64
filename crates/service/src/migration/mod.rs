//! Migrates people at their first login: the system that they come from is asked whether the password is right.
//!
//! It is asked only about logins that fail here, and never about anybody who can log in here. Its answer creates a user, or
//! gives a password to one who is pending for the lack of it. It grants no permissions, and changes nobody else.

mod migrate;
mod old_system;
mod person;
mod pool;
mod questions;

pub(crate) use migrate::Unverified;
pub use old_system::{Migration, NoAnswer, OldSystem, OldSystemAnswer};
pub(crate) use pool::Questions;
