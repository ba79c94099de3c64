//! Reads the audit log, newest record first: what is in memory, then the files from their ends.
//!
//! The projector may add to the files and rotate them meanwhile. Nothing is missed by that, and nothing seen
//! twice: the memory of a state says up to which number everything was in files *before* the read began, a
//! file is opened before the names of the older ones are read, and a record counts only if its number is
//! smaller than that of the one before it.

mod backward;
mod beside;
mod files;
mod forward;
mod page;
mod page_builder;
mod times;

pub use beside::AuditLog;
pub(crate) use files::{AUDIT_FILE, Archive, archives, newest_number};
pub(crate) use forward::Forward;
pub(crate) use page::page;
pub(crate) use times::{Times, name as name_of_times};
