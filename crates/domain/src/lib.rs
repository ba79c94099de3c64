#![doc = include_str!("../README.md")]

mod api_key;
mod attributes;
mod audit;
mod audit_query;
mod client_network;
mod credential;
mod cursor;
mod display_name;
mod email;
mod external_id;
mod field;
mod field_value;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod granted_permissions;
mod imported_hash;
mod line;
mod login;
mod lookup_key;
mod names;
mod os_user;
mod pending;
pub mod policy;
mod principal;
mod query;
mod refresh;
mod request_id;
mod service_account;
mod service_account_query;
mod session;
mod status;
mod time_or_date;
mod user;
mod username;
mod word;

pub use api_key::{ApiKey, ApiKeyDigest, ApiKeyDigestError, ApiKeyPrefix, ApiKeyPrefixError, KeyCreator};
pub use attributes::{Attributes, AttributesError};
pub use audit::{Action, Actor, AuditRecord, Origin, Outcome, Target};
pub use audit_query::{
    ActorFilter, ActorFilterError, AuditFilter, AuditPage, AuditQuery, TargetFilter, TargetFilterError,
};
pub use client_network::ClientNetwork;
pub use credential::{Credential, CredentialDigest, PasswordHash, PasswordHashError};
pub use cursor::{Cursor, CursorError, ListName, Paged};
pub use display_name::{DisplayName, DisplayNameError};
pub use email::{EmailAddress, EmailError, EmailKey};
pub use external_id::{ExternalId, ExternalIdError};
pub use field::{Field, UniqueField, UserField};
pub use field_value::FieldValue;
pub use granted_permissions::GrantedPermissions;
pub use imported_hash::{ImportedHash, ImportedHashCounts};
pub use line::{ApiKeyName, Description, LineError};
pub use login::{AliasError, AliasKey, Login, LoginAlias};
pub use names::UnknownName;
pub use os_user::{OsUser, OsUserError};
pub use pending::{NoPendingReason, PendingReason, PendingReasons};
pub use principal::Principal;
pub use query::{
    Direction, Limit, LimitError, Page, Position, Sort, SortError, SortKey, SortValue, UserFilter, UserQuery,
};
pub use refresh::{
    Grace, RefreshChain, SealedToken, StoredTokenError, SupersededToken, TokenDigest, TokenStatus,
};
pub use request_id::{RequestId, RequestIdError};
pub use roster_identity::{
    ApiKeyId, AuditId, AuditPosition, AuthEpoch, CodedError, JobId, KeyId, KeyIdError, Permission,
    PermissionError, Permissions, RoleName, RoleNameError, RoleSet, RoleSetError, ServiceAccountId,
    SessionId, UserId, Version,
};
pub use service_account::{
    AccountStatus, AccountStatusError, NotRotated, OldKey, ServiceAccount, ServiceAccountName,
    ServiceAccountNameError, TooManyKeys,
};
pub use service_account_query::{ServiceAccountPage, ServiceAccountQuery};
pub use session::{AuthenticationMethod, DeviceLabel, Session, SessionLifetime};
pub use status::{Status, StatusKind};
pub use time_or_date::{TimeOrDate, TimeOrDateError};
pub use user::{PasswordKind, User};
pub use username::{Username, UsernameError, UsernameKey};
pub use word::{UnknownWord, Vocabulary, Word, WordError};
