//! The names of the users and service accounts in audit records.

use crate::{Call, Error, Roster};
use futures_util::future::try_join_all;
use roster_domain::{
    Actor, AuditRecord, Permission, ServiceAccount, ServiceAccountId, Target, User, UserId, Username, policy,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Usernames and names of service accounts by id. Deleted accounts have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartyNames(HashMap<Uuid, String>);

/// The users and service accounts in audit records.
#[derive(Default)]
struct Parties {
    users: HashSet<UserId>,
    service_accounts: HashSet<ServiceAccountId>,
}

impl PartyNames {
    /// The names of all users and service accounts in `records` that the two functions find.
    pub fn of<U: AsRef<User>, A: AsRef<ServiceAccount>>(
        records: &[Arc<AuditRecord>],
        user: impl Fn(UserId) -> Option<U>,
        service_account: impl Fn(ServiceAccountId) -> Option<A>,
    ) -> Self {
        let Parties { users, service_accounts } = Parties::of(records);
        let users = users.into_iter().filter_map(user).map(|user| id_and_username(user.as_ref()));
        let accounts = service_accounts.into_iter().filter_map(service_account);
        Self(users.chain(accounts.map(|account| id_and_account_name(account.as_ref()))).collect())
    }

    /// The name of the account with this id, if it still exists.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }
}

impl Parties {
    fn of(records: &[Arc<AuditRecord>]) -> Self {
        let mut parties = Self::default();
        for record in records {
            match record.actor {
                Actor::User(id) => drop(parties.users.insert(id)),
                Actor::ServiceAccount { id, .. } => drop(parties.service_accounts.insert(id)),
                Actor::Anonymous | Actor::Operator | Actor::System => {}
            }
            match record.target {
                Some(Target::User(id)) => drop(parties.users.insert(id)),
                Some(Target::ServiceAccount { id, .. }) => drop(parties.service_accounts.insert(id)),
                None => {}
            }
        }
        parties
    }
}

impl Roster {
    /// The names of the users in `records` who still exist. The caller needs `users:read`. With
    /// `service_accounts:manage`, the result contains the names of service accounts too.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn party_names(&self, call: &Call, records: &[Arc<AuditRecord>]) -> Result<PartyNames, Error> {
        let usernames = self.names_in(call, records).await?;
        let service_accounts = if call.principal.holds(Permission::ServiceAccountsManage) {
            Parties::of(records).service_accounts
        } else {
            HashSet::new()
        };
        let accounts = service_accounts.into_iter().map(|id| self.store().service_account(id));
        let accounts = try_join_all(accounts).await?;
        let users = usernames.into_iter().map(|(id, username)| (*id.as_uuid(), username.to_string()));
        Ok(PartyNames(
            users.chain(accounts.iter().flatten().map(|account| id_and_account_name(account))).collect(),
        ))
    }

    /// The usernames of the users in `records` who still exist. The caller needs `users:read`.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn names_in(
        &self,
        call: &Call,
        records: &[Arc<AuditRecord>],
    ) -> Result<HashMap<UserId, Username>, Error> {
        policy::require(&call.principal, Permission::UsersRead)?;
        let people: Vec<_> = Parties::of(records).users.into_iter().collect();
        let users = self.store().users_by_id(&people).await?;
        Ok(users.into_iter().map(|user| (user.id, user.username.clone())).collect())
    }
}

fn id_and_username(user: &User) -> (Uuid, String) {
    (*user.id.as_uuid(), user.username.to_string())
}

fn id_and_account_name(account: &ServiceAccount) -> (Uuid, String) {
    (*account.id.as_uuid(), account.name.to_string())
}
