//! Errors with a stable code.

use std::error::Error;

/// Why a value was rejected: a sentence for people ([`std::fmt::Display`]) and a code for programs.
pub trait CodedError: Error {
    /// A stable code such as `email_invalid`. Codes are part of the HTTP contract.
    fn code(&self) -> &'static str;
}
