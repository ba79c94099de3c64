//! The source of `roster audit`: the open store, or its files while another process has it open.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use roster_domain::{
    ActorFilter, ApiKeyPrefix, AuditPage, AuditQuery, AuditRecord, KeyId, Login, ServiceAccountName,
    TargetFilter,
};
use roster_service::PartyNames;
use uuid::Uuid;

use crate::app::{App, describe_error};
use crate::commands::context::CommandContext;
use crate::commands::service_accounts;
use crate::commands::store_path::require_store;
use crate::engine::StoreFiles;

/// The audit log, with the names of the parties in it.
pub(super) struct AuditSource<'a> {
    context: &'a CommandContext,
    source: Source<'a>,
}

enum Source<'a> {
    Store(&'a App),
    Files(Box<dyn StoreFiles>),
}

impl<'a> AuditSource<'a> {
    /// # Errors
    /// If there is no store.
    pub(super) fn of(context: &'a CommandContext) -> anyhow::Result<Self> {
        let source = if let Some(app) = &context.app {
            Source::Store(app)
        } else {
            let engine = &*context.settings.engine;
            require_store(engine)?;
            Source::Files(
                engine.files().with_context(|| format!("cannot open the store at {}", engine.location()))?,
            )
        };
        Ok(Self { context, source })
    }

    /// Reads a page of the log.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn page(&self, query: &AuditQuery) -> anyhow::Result<AuditPage> {
        match &self.source {
            Source::Store(app) => {
                app.roster.audit_records(&self.context.call, query).await.map_err(describe_error)
            }
            Source::Files(files) => files.audit_records(query),
        }
    }

    /// Whether the log has newer records that are not visible in the files yet.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn is_behind(&self) -> anyhow::Result<bool> {
        match &self.source {
            Source::Store(_) => Ok(false),
            Source::Files(files) => files.is_behind(),
        }
    }

    /// The names of the parties in the records that still exist.
    ///
    /// # Errors
    /// If the names cannot be read.
    pub(super) async fn names(&self, records: &[Arc<AuditRecord>]) -> anyhow::Result<PartyNames> {
        match &self.source {
            _ if records.is_empty() => Ok(PartyNames::default()),
            Source::Store(app) => {
                app.roster.party_names(&self.context.call, records).await.map_err(describe_error)
            }
            Source::Files(files) => files.party_names(records),
        }
    }

    /// Parses an actor: `anonymous`, `operator`, `system`, an id or a name.
    ///
    /// # Errors
    /// If no party has this name.
    pub(super) async fn actor(&self, name: &str) -> anyhow::Result<ActorFilter> {
        if let Ok(filter) = name.parse() {
            return Ok(filter);
        }
        let found = self.find_id(name).await.context("--actor")?;
        found.map(ActorFilter::Id).ok_or_else(|| self.not_found(name)).context("--actor")
    }

    /// Parses a target: an id, a name, or the kid of a signing key.
    ///
    /// # Errors
    /// As for [`actor`](Self::actor).
    pub(super) async fn target(&self, name: &str) -> anyhow::Result<TargetFilter> {
        if let Ok(filter) = name.parse() {
            return Ok(filter);
        }
        let found = match self.find_id(name).await.context("--target")? {
            Some(id) => Some(TargetFilter::Id(id)),
            None => self.signing_key(name).context("--target")?.map(TargetFilter::SigningKey),
        };
        found.ok_or_else(|| self.not_found(name)).context("--target")
    }

    /// Finds the id of a user by login, of a service account by name, or of an API key by prefix.
    async fn find_id(&self, name: &str) -> anyhow::Result<Option<Uuid>> {
        let login = Login::new(name);
        let (account_name, prefix) = (name.parse::<ServiceAccountName>().ok(), ApiKeyPrefix::new(name).ok());
        match &self.source {
            Source::Store(app) => {
                if let Some(user) = app.store.user_by_login(&login).await? {
                    return Ok(Some(*user.id.as_uuid()));
                }
                if let Some(name) = &account_name
                    && let Some(account) = service_accounts::by_name(self.context, name.as_str()).await?
                {
                    return Ok(Some(*account.id.as_uuid()));
                }
                let Some(prefix) = prefix else { return Ok(None) };
                let account = app.store.service_account_by_key_prefix(&prefix).await?;
                Ok(account.and_then(|account| account.key_by_prefix(&prefix).map(|key| *key.id.as_uuid())))
            }
            Source::Files(files) => files.find_id(&login, account_name.as_ref(), prefix.as_ref()),
        }
    }

    /// Finds a key of the ring by a unique prefix of its kid.
    fn signing_key(&self, name: &str) -> anyhow::Result<Option<KeyId>> {
        let ring = self.context.settings.keys.source.ring().read()?;
        Ok(ring.and_then(|ring| KeyId::new(ring.find(name).ok()?.id()).ok()))
    }

    fn not_found(&self, name: &str) -> anyhow::Error {
        let as_of = match self.source {
            Source::Store(_) => "",
            Source::Files(_) => ", as of its last snapshot",
        };
        anyhow!(
            "nothing in {} has the name \"{name}\"{as_of}; give the username, email address or id of a user, the name or \
             id of a service account, the prefix or id of an API key, the id of a session, the kid of a signing key, or \
             the id of anything that was deleted",
            self.context.settings.engine.location()
        )
    }
}
