#![doc = include_str!("../README.md")]

mod coded_error;
mod ids;
mod key_id;
mod permission;
mod role;
#[macro_use]
mod text_value;

pub use coded_error::CodedError;
pub use ids::{
    ApiKeyId, AuditId, AuditPosition, AuthEpoch, JobId, ServiceAccountId, SessionId, UserId, Version,
};
pub use key_id::{KeyId, KeyIdError};
pub use permission::{Permission, PermissionError, Permissions};
pub use role::{RoleName, RoleNameError, RoleSet, RoleSetError};
