//! Every command that works on the store, as what is asked for: values only, no path and no open question.

use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::commands::audit::AuditRequest;
use crate::commands::backup::BackupRequest;
use crate::commands::context::CommandContext;
use crate::commands::export::ExportRequest;
use crate::commands::import::ImportRequest;
use crate::commands::keys::KeysRequest;
use crate::commands::machines::{ApiKeyRequest, ServiceAccountRequest};
use crate::commands::session::SessionRequest;
use crate::commands::store_access::StoreAccess;
use crate::commands::user::UserRequest;
use crate::commands::{audit, backup, export, import, keys, machines, session, user};
use crate::control::{ClosedOutput, Console, Outcome};

/// What a command line asks of a store. Any change of its form is a new version of the protocol.
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
}

impl Request {
    /// What is typed for it, in one or two words.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Import(_) => "import",
            Self::Export(_) => "export",
            Self::Backup(_) => "backup",
            Self::User(args) => args.name(),
            Self::Session(args) => args.name(),
            Self::ServiceAccount(args) => args.name(),
            Self::ApiKey(args) => args.name(),
            Self::Keys(args) => args.name(),
            Self::Audit(_) => "audit",
        }
    }

    /// What it needs when no server runs.
    pub(crate) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::Import(args) => args.store_access(),
            Self::Export(_) | Self::Backup(_) => StoreAccess::Needs(Purpose::Looking),
            Self::User(args) => args.store_access(),
            Self::Session(args) => args.store_access(),
            Self::ServiceAccount(args) => args.store_access(),
            Self::ApiKey(args) => args.store_access(),
            Self::Keys(args) => args.store_access(),
            Self::Audit(args) => args.store_access(),
        }
    }

    /// Whether it goes on until somebody ends it.
    pub(crate) fn follows_log(&self) -> bool {
        matches!(self, Self::Audit(args) if args.follows_log())
    }

    /// What it means that nobody reads its output any more.
    pub(crate) const fn closed_output(&self) -> ClosedOutput {
        if matches!(self, Self::Backup(_)) {
            return ClosedOutput::Fails;
        }
        match self.store_access() {
            StoreAccess::Needs(Purpose::Looking)
            | StoreAccess::Prefers(Purpose::Looking)
            | StoreAccess::Files => ClosedOutput::Ends,
            StoreAccess::Begins(_) | StoreAccess::Needs(_) | StoreAccess::Prefers(_) => ClosedOutput::GoesOn,
        }
    }

    /// Does what is asked for, and says how it ended.
    pub(crate) async fn execute(self, context: &CommandContext, console: &mut Console) -> Outcome {
        let executed = match self {
            Self::Import(args) => import::execute(context, &args, console).await,
            Self::Export(args) => export::execute(context, &args, console).await,
            Self::Backup(args) => backup::execute(context, &args, console).await,
            Self::User(args) => user::execute(context, args, console).await,
            Self::Session(args) => session::execute(context, args, console).await,
            Self::ServiceAccount(args) => machines::execute_account(context, args, console).await,
            Self::ApiKey(args) => machines::execute_key(context, args, console).await,
            Self::Keys(args) => keys::execute(context, &args, console).await,
            Self::Audit(args) => audit::execute(context, &args, console).await,
        };
        executed.unwrap_or_else(|error| Outcome::Failed { error: crate::terminal::chain(&error) })
    }
}
