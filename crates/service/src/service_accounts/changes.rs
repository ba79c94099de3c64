//! Changes a service account: reads, decides and commits, and starts over after a concurrent change.

use crate::roster::with_changed;
use crate::{Call, Error, Precondition, Roster};
use jiff::Timestamp;
use roster_domain::{Action, ApiKeyId, Field, Permission, ServiceAccount, ServiceAccountId, Target, policy};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;

/// The result of a change, and its entry in the audit log.
#[derive(Clone)]
pub(super) struct Decision {
    pub(super) action: Action,
    /// The API key that changes, if one does.
    pub(super) key: Option<ApiKeyId>,
    pub(super) changed: Vec<Field>,
    /// `None` deletes the account.
    pub(super) after: Option<Arc<ServiceAccount>>,
}

impl Decision {
    /// A change of an API key.
    pub(super) fn of_key(action: Action, key: ApiKeyId, after: ServiceAccount) -> Self {
        Self { action, key: Some(key), changed: Vec::new(), after: Some(Arc::new(after)) }
    }
}

impl Roster {
    /// The service account `id`. The caller needs `service_accounts:manage`.
    pub(super) async fn managed_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
    ) -> Result<Arc<ServiceAccount>, Error> {
        policy::require(&call.principal, Permission::ServiceAccountsManage)?;
        self.store().service_account(id).await?.ok_or(Error::ServiceAccountNotFound)
    }

    /// Commits the result of `decide`; nothing if it returns `None`. The caller must hold all of the account's
    /// permissions.
    pub(super) async fn change_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
        precondition: &Precondition,
        decide: impl Fn(&Arc<ServiceAccount>, Timestamp) -> Result<Option<Decision>, Error>,
    ) -> Result<Arc<ServiceAccount>, Error> {
        self.retry(|| async {
            let before = self.managed_account(call, id).await?;
            policy::may_manage_service_account(&call.principal, &before)?;
            precondition.check_version(before.version)?;
            let Some(decision) = decide(&before, self.parts().clock.now())? else { return Ok(Some(before)) };
            let after = decision.after.clone();
            let is_retried =
                |guard: &Guard| matches!(guard, Guard::ServiceAccountVersion(..) | Guard::LastKeyUseIs(..));
            let committed = self.try_commit(self.unit(call, &before, decision), is_retried).await?;
            Ok(committed.map(|()| after.unwrap_or(before)))
        })
        .await
    }

    fn unit(&self, call: &Call, before: &ServiceAccount, decision: Decision) -> UnitOfWork {
        let Decision { action, key, changed, after } = decision;
        let target = Target::ServiceAccount { id: before.id, key };
        let record = with_changed(self.record(call, action, target), changed);
        let work = UnitOfWork::audited(record)
            .require_all(call.authority())
            .require(Guard::ServiceAccountVersion(before.id, before.version))
            .require(Guard::LastKeyUseIs(before.id, before.last_used_at()));
        match after {
            Some(after) => work.require_account_free(&after).write(Change::PutServiceAccount(after)),
            None => work.write(Change::RemoveServiceAccount(before.id)),
        }
    }
}
