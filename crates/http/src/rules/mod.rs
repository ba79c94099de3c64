//! The domain's rules for requests: the raw form of each value, its schema, and its constructor.
//!
//! Every bound in a schema is a constant of the domain, so each rule is written once.

mod audit;
mod from_raw;
mod service_accounts;
mod values;

pub(crate) use audit::{Include, Party};
pub(crate) use from_raw::{FromRaw, RawError};
pub(crate) use service_accounts::Overlap;
pub(crate) use values::known_password_schema;
