//! The stored rows of each entity: which columns it has, what they hold, and how they are read back.

mod accounts;
mod audit;
mod more_fields;
mod sessions;
mod status;
mod users;

pub use accounts::{AccountRow, KeyRow, with_keys};
pub use audit::AuditRow;
pub use sessions::SessionRow;
pub(crate) use users::read_credential;
pub use users::{MORE, UserRow};
