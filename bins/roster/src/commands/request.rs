//! Every command that works on the store, as what is asked for: values only, no path and no open question.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::app::Purpose;
use crate::commands::audit::AuditRequest;
use crate::commands::backup::BackupRequest;
use crate::commands::context::CommandContext;
use crate::commands::export::ExportRequest;
use crate::commands::import::ImportRequest;
use crate::commands::keys::KeysRequest;
use crate::commands::machines::{ApiKeyRequest, ServiceAccountRequest};
use crate::commands::session::SessionRequest;
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

/// What a command needs of the data folder when no server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreAccess {
    /// The store, which is begun if there is none.
    Begins(Purpose),
    /// The store, which has to be there.
    Needs(Purpose),
    /// The store if it can be had, or else its files.
    Prefers(Purpose),
    /// Files beside the store.
    Files,
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

/// What a command ends with that has nothing more to say.
pub(super) const DONE: Outcome = Outcome::Done { summary: None };

/// A secret on its way to where it is used. It is wiped and never shown.
pub(crate) struct SecretText(Zeroizing<String>);

impl SecretText {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret, which leaves nothing behind.
    pub(crate) fn into_inner(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A value as what is typed for it.
pub(super) mod as_text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer, de_error};

    #[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(in crate::commands) fn serialize<S: Serializer>(
        value: &Option<impl Display>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::commands) fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(de_error)).transpose()
    }
}

fn de_error<E: serde::de::Error>(error: impl Display) -> E {
    E::custom(error)
}
