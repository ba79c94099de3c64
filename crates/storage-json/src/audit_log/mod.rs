//! Reads the audit log, newest record first: the records in memory, then the files from their ends.
//!
//! The projector may append to the files and rotate them meanwhile. No record is missed and none is returned twice:
//! the state records up to which number all records were in files *before* the read started, the current file is
//! opened before the archives are listed, and a record counts only if its number is lower than that of the previous
//! one.

mod backward;
mod files;
mod forward;
mod offline;
mod page;
mod page_builder;
mod times;

pub(crate) use files::{AUDIT_FILE, Archive, archives, newest_number};
pub(crate) use forward::Forward;
pub use offline::AuditLog;
pub(crate) use page::page;
pub(crate) use times::{Times, name as name_of_times};
