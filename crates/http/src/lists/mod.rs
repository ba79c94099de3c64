//! Lists with pages: their parameters, and the link to the next page. The export of users, which has no pages.

mod audit;
mod export;
mod page;
mod service_accounts;
mod users;

pub(crate) use audit::AuditRequest;
pub(crate) use export::{ExportRequest, Exported};
pub(crate) use page::PageRequest;
