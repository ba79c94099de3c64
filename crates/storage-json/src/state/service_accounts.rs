//! The service accounts, in memory. As for users, a clone shares everything that is not changed afterwards.

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use imbl::OrdMap;
use roster_domain::{ApiKeyPrefix, ServiceAccount, ServiceAccountId, ServiceAccountName};
use roster_storage::Guard;

/// All service accounts and their indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceAccounts {
    accounts: OrdMap<ServiceAccountId, Arc<ServiceAccount>>,
    /// For lists, and for unique names.
    names: OrdMap<ServiceAccountName, ServiceAccountId>,
    /// Finds the account of a presented key.
    prefixes: OrdMap<ApiKeyPrefix, ServiceAccountId>,
}

impl ServiceAccounts {
    /// The account with this id.
    pub(crate) fn account(&self, id: ServiceAccountId) -> Option<&Arc<ServiceAccount>> {
        self.accounts.get(&id)
    }

    /// The account with this name.
    pub(crate) fn by_name(&self, name: &ServiceAccountName) -> Option<&Arc<ServiceAccount>> {
        self.name_owner(name).and_then(|id| self.account(id))
    }

    /// The account that has a key with this prefix.
    pub(crate) fn by_key_prefix(&self, prefix: &ApiKeyPrefix) -> Option<&Arc<ServiceAccount>> {
        self.prefix_owner(prefix).and_then(|id| self.account(id))
    }

    /// The accounts with names after this one, by name.
    pub(crate) fn after(
        &self,
        name: Option<&ServiceAccountName>,
    ) -> impl Iterator<Item = &Arc<ServiceAccount>> {
        let start = name.map_or(Unbounded, Excluded);
        self.names.range::<_, ServiceAccountName>((start, Unbounded)).filter_map(|(_, id)| self.account(*id))
    }

    /// All accounts, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<ServiceAccount>> {
        self.accounts.values()
    }

    /// The accounts with greater ids, by id.
    pub(crate) fn ids_after(
        &self,
        id: Option<ServiceAccountId>,
    ) -> impl Iterator<Item = &Arc<ServiceAccount>> {
        self.accounts.range((id.map_or(Unbounded, Excluded), Unbounded)).map(|(_, account)| account)
    }

    /// The number of accounts.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// The first unique value of `account` that belongs to another account, if any.
    pub(crate) fn clash(&self, account: &ServiceAccount) -> Option<Guard> {
        let taken = |owner: Option<ServiceAccountId>| owner.is_some_and(|owner| owner != account.id);
        if taken(self.name_owner(&account.name)) {
            return Some(Guard::ServiceAccountNameFree(account.name.clone(), account.id));
        }
        let key = account.keys.iter().find(|key| taken(self.prefix_owner(&key.prefix)))?;
        Some(Guard::ApiKeyPrefixFree(key.prefix, account.id))
    }

    pub(super) fn name_owner(&self, name: &ServiceAccountName) -> Option<ServiceAccountId> {
        self.names.get(name).copied()
    }

    pub(super) fn prefix_owner(&self, prefix: &ApiKeyPrefix) -> Option<ServiceAccountId> {
        self.prefixes.get(prefix).copied()
    }

    /// Adds or replaces the account.
    pub(super) fn put(&mut self, account: &Arc<ServiceAccount>) {
        self.remove(account.id);
        self.names.insert(account.name.clone(), account.id);
        for key in &account.keys {
            self.prefixes.insert(key.prefix, account.id);
        }
        self.accounts.insert(account.id, Arc::clone(account));
    }

    /// Removes the account, if it exists.
    pub(super) fn remove(&mut self, id: ServiceAccountId) {
        let Some(old) = self.accounts.remove(&id) else { return };
        self.names.remove(&old.name);
        for key in &old.keys {
            self.prefixes.remove(&key.prefix);
        }
    }
}
