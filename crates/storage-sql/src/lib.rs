#![doc = include_str!("../README.md")]

mod error;
mod guards;
mod lists;
mod names;
mod restore_order;
mod rows;
mod schema;
mod search;
mod sort_values;
mod sql;
mod statement;
mod time;
mod value;

pub use error::{ColumnError, RowError};
pub use guards::UserGuardRow;
pub use lists::{AuditList, ColumnKind, Dialect, Effort, FEW, NextAudit, NextUsers, UserList};
pub use names::{Claim, ClaimSpace, claims, login_candidates};
pub use restore_order::{LAST_NUMBER, RestoreOrder, has_no_user, item_name, occurs_twice};
pub use rows::{AccountRow, AuditRow, KeyRow, MORE, SessionRow, UserRow, with_keys};
pub use schema::{AppliedMigration, Migration, NewerSchema, SchemaStatus, SchemaVersion, pending};
pub use search::{Needle, Search, search_text};
pub use sql::Sql;
pub use statement::Statement;
pub use time::{NEVER, micros, timestamp};
pub use value::{Columns, Value};
