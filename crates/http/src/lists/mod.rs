//! Lists with pages: their parameters, and the link to the next page.

mod audit;
mod machines;
mod page;
mod users;

pub(crate) use audit::AuditRequest;
pub(crate) use page::PageRequest;
