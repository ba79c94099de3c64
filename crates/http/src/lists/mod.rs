//! Lists with pages: their parameters, and the link to the next page.

mod audit;
mod page;
mod service_accounts;
mod users;

pub(crate) use audit::AuditRequest;
pub(crate) use page::PageRequest;
