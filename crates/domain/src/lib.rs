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
mod fault;
mod ids;
mod line;
mod login;
mod os_user;
mod pending;
mod permission;
pub mod policy;
mod principal;
mod query;
mod refresh;
mod request_id;
mod role;
mod service_account;
mod session;
mod signing_key_id;
mod status;
mod time_or_date;
mod user;
mod username;

pub use api_key::{ApiKey, ApiKeyDigest, ApiKeyDigestFault, ApiKeyPrefix, ApiKeyPrefixFault, KeyMaker};
pub use attributes::{Attributes, AttributesFault};
pub use audit::{Action, Actor, AuditRecord, Field, Origin, Outcome, Target};
pub use audit_query::{
    ActorFilter, ActorFilterFault, AuditFilter, AuditPage, AuditQuery, TargetFilter, TargetFilterFault,
};
pub use client_network::ClientNetwork;
pub use credential::{Credential, CredentialDigest, PasswordHash, PasswordHashFault};
pub use cursor::{Cursor, CursorFault, ListName, Paged};
pub use display_name::{DisplayName, DisplayNameFault};
pub use email::{EmailAddress, EmailFault, EmailKey};
pub use external_id::{ExternalId, ExternalIdFault};
pub use fault::Fault;
pub use ids::{ApiKeyId, AuditId, AuditPosition, AuthEpoch, ServiceAccountId, SessionId, UserId, Version};
pub use line::{ApiKeyName, Description, LineFault};
pub use login::{AliasFault, AliasKey, Login, LoginAlias};
pub use os_user::{OsUser, OsUserFault};
pub use pending::{PendingReason, PendingReasons};
pub use permission::{Permission, PermissionFault, Permissions};
pub use principal::Principal;
pub use query::{
    Direction, Limit, LimitFault, Page, Position, Sort, SortFault, SortKey, SortValue, UserFilter, UserQuery,
};
pub use refresh::{
    Grace, RefreshChain, SealedToken, Standing, StoredTokenFault, SupersededToken, TokenDigest,
};
pub use request_id::{RequestId, RequestIdFault};
pub use role::{RoleName, RoleNameFault, RoleSet, RoleSetFault};
pub use service_account::{
    AccountStatus, AccountStatusFault, NotRotated, OldKey, ServiceAccount, ServiceAccountName,
    ServiceAccountNameFault, ServiceAccountPage, ServiceAccountQuery, TooManyKeys,
};
pub use session::{AuthenticationMethod, DeviceLabel, Session, SessionLifetime};
pub use signing_key_id::{SigningKeyId, SigningKeyIdFault};
pub use status::{Status, StatusKind};
pub use time_or_date::{TimeOrDate, TimeOrDateFault};
pub use user::{PasswordKind, User};
pub use username::{Username, UsernameFault, UsernameKey};
