//! Problem details (RFC 9457): the form of every error that Roster sends.

mod error;
mod service;
mod view;

pub(crate) use error::{FieldViolation, Problem};
pub(crate) use service::{RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
pub(crate) use view::{PROBLEM_JSON, type_uri};
