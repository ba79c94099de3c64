//! Lists: which statements find a page, in which order, and how their rows become the page. An engine only runs the
//! statements.

mod audit;
mod dialect;
mod filter;
mod order;
mod statements;
mod users;

pub use audit::{AuditList, NextAudit};
pub use dialect::{ColumnKind, Dialect};
pub use users::{Effort, FEW, NextUsers, UserList};
