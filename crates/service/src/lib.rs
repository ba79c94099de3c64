//! Roster's use cases, one per file.
//!
//! A use case takes a [`Call`] (the caller and where the request comes from) and values that are already valid. It asks
//! the [policy](roster_domain::policy) whether the caller may do this, decides, composes one
//! [`UnitOfWork`](roster_storage::UnitOfWork) and commits it. It does not depend on HTTP or on the storage engine. It
//! holds no lock while a password is hashed: the unit states what was read as guards, and the commit fails if one of
//! them no longer holds.

mod authenticate;
mod call;
mod change_password;
mod counters;
mod delete_user;
mod denied_attempts;
mod error;
mod export;
mod failed_attempts;
mod first_administrator;
mod fixed_fields;
mod grant_to_service_account;
mod id_bytes;
mod import_users;
mod in_flight;
mod introspect;
mod jobs;
mod limits;
mod list_audit;
mod list_users;
mod log_in;
mod maintenance;
mod migration;
mod optimistic;
mod overtaken_queue;
mod party_names;
mod precondition;
mod refresh_session;
mod register_user;
mod revoke_token;
mod roster;
mod service_accounts;
mod session;
mod session_rules;
mod sessions;
mod show_user;
mod signing_keys;
mod unlock_user;
mod update_user;
mod user_draft;
mod verify_password;
mod write_failed_attempts;

pub use call::Call;
pub use change_password::{NewPassword, PasswordChanged};
pub use counters::{Counters, LoginOutcome, QuestionOutcome, RefreshOutcome};
pub use error::{Error, FieldError};
pub use export::{
    ExportError, ExportFormat, ExportHashes, ExportPages, ExportSink, ExportSummary, LeftOut, RemoteExport,
};
pub use first_administrator::{FirstAdministrator, FirstAdministratorOutcome};
pub use fixed_fields::FixedFields;
pub use grant_to_service_account::ServiceAccountToken;
pub use import_users::{FileReport, ImportError, ImportMode, ImportObserver, Progress};
pub use introspect::ActiveToken;
pub use jobs::{ImportUpload, Job, JobCounts, JobKind, JobReport, JobState, JobStatus, Runner, Takeovers};
pub use limits::{Delay, LimitScope, LimitSettings, Rate, RateLimits, TooMany};
pub use list_audit::AuditParties;
pub use log_in::{LoginResult, PasswordChangeLogin};
pub use migration::{Migration, NoAnswer, OldSystem, OldSystemAnswer};
pub use party_names::PartyNames;
pub use precondition::Precondition;
pub use roster::{Registration, Roster, RosterParts};
pub use roster_auth::{Clock, SystemClock};
pub use roster_import::{
    FieldMapping, FileFormat, FirebaseParameters, FirebaseParametersError, ImportOptions, MappingError,
    OldIds, PasswordTexts, RoleMapping, RoleMappingError, UnknownFormat, UnreadList, ValueMapping,
    WeakHashes, misspelt_role,
};
pub use service_accounts::{
    ApiKeyDraft, IssuedApiKey, NewServiceAccount, Rotation, ServiceAccountClient, ServiceAccountDraft,
};
pub use session::{LoggedIn, SweptSessions};
pub use session_rules::SessionRules;
pub use sessions::{LogOut, RevokeSessions};
pub use signing_keys::PublishedKeys;
pub use update_user::Completeness;
pub use user_draft::{AttributesDraft, NewUser, PrivilegedFields, UserDraft};
