//! The requests of all commands that work on the store. They contain only values: no paths and no pending prompts.

use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::commands::audit::AuditRequest;
use crate::commands::backup::BackupRequest;
use crate::commands::context::CommandContext;
use crate::commands::export::ExportRequest;
use crate::commands::import::ImportRequest;
use crate::commands::keys::KeysRequest;
use crate::commands::service_accounts::{ApiKeyRequest, ServiceAccountRequest};
use crate::commands::session::SessionRequest;
use crate::commands::store_access::StoreAccess;
use crate::commands::user::UserRequest;
use crate::commands::{audit, backup, export, import, keys, service_accounts, session, user};
use crate::control::{ClosedOutput, Console, Outcome};

/// A request to a store. Any change of its serialized form requires a new protocol version.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// `roster import`
    Import(ImportRequest),
    /// `roster export`
    Export(ExportRequest),
    /// `roster backup`
    Backup(BackupRequest),
    /// `roster user`
    User(UserRequest),
    /// `roster session`
    Session(SessionRequest),
    /// `roster service-account`
    ServiceAccount(ServiceAccountRequest),
    /// `roster api-key`
    ApiKey(ApiKeyRequest),
    /// `roster keys`
    Keys(KeysRequest),
    /// `roster audit`
    Audit(AuditRequest),
    /// A command that replaces the store takes it over from the server.
    HandOver,
}

impl Request {
    /// The name of the command, in one or two words.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Import(_) => "import",
            Self::Export(_) => "export",
            Self::Backup(_) => "backup",
            Self::User(request) => request.name(),
            Self::Session(request) => request.name(),
            Self::ServiceAccount(request) => request.name(),
            Self::ApiKey(request) => request.name(),
            Self::Keys(request) => request.name(),
            Self::Audit(_) => "audit",
            Self::HandOver => "hand over",
        }
    }

    /// What the command needs if no server is running.
    pub(crate) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::Import(request) => request.store_access(),
            Self::Export(_) | Self::Backup(_) => StoreAccess::Requires(Purpose::Reading),
            Self::User(request) => request.store_access(),
            Self::Session(request) => request.store_access(),
            Self::ServiceAccount(request) => request.store_access(),
            Self::ApiKey(request) => request.store_access(),
            Self::Keys(request) => request.store_access(),
            Self::Audit(request) => request.store_access(),
            Self::HandOver => StoreAccess::FilesOnly,
        }
    }

    /// Whether the command runs until it is cancelled.
    pub(crate) fn follows_log(&self) -> bool {
        matches!(self, Self::Audit(request) if request.follows_log())
    }

    /// What to do if the reader of the output goes away.
    pub(crate) const fn closed_output(&self) -> ClosedOutput {
        if matches!(self, Self::Backup(_)) {
            return ClosedOutput::Fails;
        }
        match self.store_access() {
            StoreAccess::Requires(Purpose::Reading)
            | StoreAccess::Prefers(Purpose::Reading)
            | StoreAccess::PrefersFiles(_)
            | StoreAccess::FilesOnly => ClosedOutput::Ends,
            StoreAccess::Creates(_) | StoreAccess::Requires(_) | StoreAccess::Prefers(_) => {
                ClosedOutput::GoesOn
            }
        }
    }

    /// Executes the request and returns its outcome.
    pub(crate) async fn execute(self, context: &CommandContext, console: &mut Console) -> Outcome {
        let executed = match self {
            Self::Import(request) => import::execute(context, &request, console).await,
            Self::Export(request) => export::execute(context, &request, console).await,
            Self::Backup(request) => backup::execute(context, &request, console).await,
            Self::User(request) => user::execute(context, request, console).await,
            Self::Session(request) => session::execute(context, request, console).await,
            Self::ServiceAccount(request) => {
                service_accounts::execute_account(context, request, console).await
            }
            Self::ApiKey(request) => service_accounts::execute_key(context, request, console).await,
            Self::Keys(request) => keys::execute(context, &request, console).await,
            Self::Audit(request) => audit::execute(context, &request, console).await,
            Self::HandOver => context.hand_over(),
        };
        executed.unwrap_or_else(|error| Outcome::Failed { error: crate::terminal::chain(&error) })
    }
}
