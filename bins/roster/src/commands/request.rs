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
            Self::User(asked) => asked.name(),
            Self::Session(asked) => asked.name(),
            Self::ServiceAccount(asked) => asked.name(),
            Self::ApiKey(asked) => asked.name(),
            Self::Keys(asked) => asked.name(),
            Self::Audit(_) => "audit",
        }
    }

    /// What it needs when no server runs.
    pub(crate) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::Import(asked) => asked.store_access(),
            Self::Export(_) | Self::Backup(_) => StoreAccess::Needs(Purpose::Looking),
            Self::User(asked) => asked.store_access(),
            Self::Session(asked) => asked.store_access(),
            Self::ServiceAccount(asked) => asked.store_access(),
            Self::ApiKey(asked) => asked.store_access(),
            Self::Keys(asked) => asked.store_access(),
            Self::Audit(asked) => asked.store_access(),
        }
    }

    /// Whether it goes on until somebody ends it.
    pub(crate) fn follows_log(&self) -> bool {
        matches!(self, Self::Audit(asked) if asked.follows_log())
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
            Self::Import(asked) => import::execute(context, &asked, console).await,
            Self::Export(asked) => export::execute(context, &asked, console).await,
            Self::Backup(asked) => backup::execute(context, &asked, console).await,
            Self::User(asked) => user::execute(context, asked, console).await,
            Self::Session(asked) => session::execute(context, asked, console).await,
            Self::ServiceAccount(asked) => machines::execute_account(context, asked, console).await,
            Self::ApiKey(asked) => machines::execute_key(context, asked, console).await,
            Self::Keys(asked) => keys::execute(context, &asked, console).await,
            Self::Audit(asked) => audit::execute(context, &asked, console).await,
        };
        executed.unwrap_or_else(|error| Outcome::Failed { error: crate::terminal::chain(&error) })
    }
}
