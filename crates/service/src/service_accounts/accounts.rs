//! Creates, shows, lists, changes and deletes service accounts.

use super::changes::Decision;
use crate::{Call, Error, Precondition, Roster};
use jiff::Timestamp;
use roster_domain::{
    AccountStatus, Action, AuthEpoch, Description, Field, Permission, Permissions, Principal, ServiceAccount,
    ServiceAccountId, ServiceAccountName, ServiceAccountPage, ServiceAccountQuery, Status, Version, policy,
};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

/// The data of a new service account.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// The name, which must be unique.
    pub name: ServiceAccountName,
    /// What it is for.
    pub description: Option<Description>,
    /// The permissions that its keys may have at most.
    pub permissions: Permissions,
}

/// A change of a service account. A field that is `None` does not change.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountDraft {
    /// `name`
    pub name: Option<ServiceAccountName>,
    /// `description`; `Some(None)` clears it.
    pub description: Option<Option<Description>>,
    /// `permissions`
    pub permissions: Option<Permissions>,
    /// `status`
    pub status: Option<AccountStatus>,
}

impl Roster {
    /// Creates a service account without keys. The caller must hold all permissions that the account gets.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::Taken`]; the errors of the store.
    pub async fn create_service_account(
        &self,
        call: &Call,
        new: NewServiceAccount,
    ) -> Result<Arc<ServiceAccount>, Error> {
        policy::require(&call.principal, Permission::ServiceAccountsManage)?;
        policy::grant_permissions(&call.principal, new.permissions)?;
        self.require_recent_login(call)?;
        let now = self.parts().clock.now();
        let account = Arc::new(ServiceAccount {
            id: ServiceAccountId::new(now, self.id_bytes()),
            name: new.name,
            description: new.description,
            permissions: new.permissions.into(),
            status: Status::Active,
            created_at: now,
            updated_at: now,
            created_by: call.principal.actor(),
            version: Version::FIRST,
            auth_epoch: AuthEpoch::FIRST,
            keys: Vec::new(),
        });
        let work = UnitOfWork::audited(self.record(call, Action::ServiceAccountCreated, account.id))
            .require_all(call.authority())
            .require_account_free(&account)
            .write(Change::PutServiceAccount(account.clone()));
        self.store().commit(work).await?;
        Ok(account)
    }

    /// The service account `id`.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up; [`Error::ServiceAccountNotFound`]; [`Error::Store`].
    pub async fn show_service_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
    ) -> Result<Arc<ServiceAccount>, Error> {
        self.managed_account(call, id).await
    }

    /// One page of the service accounts, ordered by name.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn list_service_accounts(
        &self,
        call: &Call,
        query: &ServiceAccountQuery,
    ) -> Result<ServiceAccountPage, Error> {
        policy::require(&call.principal, Permission::ServiceAccountsManage)?;
        let limit = query.limit.get();
        // One more than the limit shows whether there is a next page.
        let mut items = self.store().service_accounts(query.after.as_ref(), limit + 1).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| last.name.clone());
        Ok(ServiceAccountPage { items, next })
    }

    /// Changes a service account. The caller must hold all of its permissions. A draft that changes nothing writes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`] for a change of permissions; [`Error::ServiceAccountNotFound`];
    /// [`Error::PreconditionFailed`]; [`Error::Taken`]; the errors of the store.
    pub async fn update_service_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
        precondition: &Precondition,
        draft: &ServiceAccountDraft,
    ) -> Result<Arc<ServiceAccount>, Error> {
        let decide = |before: &Arc<ServiceAccount>, now| {
            if draft.permissions.is_some_and(|permissions| permissions != before.permissions.known()) {
                self.require_recent_login(call)?;
            }
            draft.apply(&call.principal, before, now)
        };
        self.change_account(call, id, precondition, decide).await
    }

    /// Deletes a service account and its keys. The caller must hold all of its permissions.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::PreconditionFailed`]; the
    /// errors of the store.
    pub async fn delete_service_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        let deletion =
            Decision { action: Action::ServiceAccountDeleted, key: None, changed: Vec::new(), after: None };
        let decide = |_: &Arc<ServiceAccount>, _| {
            self.require_recent_login(call)?;
            Ok(Some(deletion.clone()))
        };
        self.change_account(call, id, precondition, decide).await?;
        Ok(())
    }
}

impl ServiceAccountDraft {
    fn apply(
        &self,
        principal: &Principal,
        before: &Arc<ServiceAccount>,
        now: Timestamp,
    ) -> Result<Option<Decision>, Error> {
        let after = self.result(before, now);
        let changed = differences(before, &after);
        if changed.is_empty() {
            return Ok(None);
        }
        if changed.contains(&Field::Permissions) {
            policy::grant_permissions(principal, after.permissions.known())?;
        }
        let after = Some(Arc::new(after.touched(now)));
        Ok(Some(Decision { action: Action::ServiceAccountUpdated, key: None, changed, after }))
    }

    fn result(&self, before: &ServiceAccount, now: Timestamp) -> ServiceAccount {
        let after = ServiceAccount {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            description: self.description.clone().unwrap_or_else(|| before.description.clone()),
            ..before.clone()
        };
        let after = match self.status {
            Some(status) => after.with_status(status, now),
            None => after,
        };
        match self.permissions {
            Some(permissions) => after.with_permissions(permissions),
            None => after,
        }
    }
}

fn differences(before: &ServiceAccount, after: &ServiceAccount) -> Vec<Field> {
    [
        (Field::Name, before.name != after.name),
        (Field::Description, before.description != after.description),
        (Field::Permissions, before.permissions != after.permissions),
        (Field::Status, before.status != after.status),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
