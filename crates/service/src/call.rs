//! The caller of a use case, and where the request comes from.

use roster_domain::{ClientNetwork, DeviceLabel, Origin, OsUser, Principal, Session};
use roster_storage::{Guard, Store, StoreError};
use std::net::IpAddr;
use std::sync::Arc;

/// A call of a use case.
#[derive(Clone, Debug)]
pub struct Call {
    /// The caller.
    pub principal: Principal,
    /// Where the request comes from.
    pub origin: Origin,
    /// The device, for a new session.
    pub device: Option<DeviceLabel>,
    /// The caller's session, if the caller is a user with an access token.
    pub session: Option<Arc<Session>>,
}

impl Call {
    /// A call from the command line, by an unknown operating system account.
    #[must_use]
    pub fn operator() -> Self {
        Self { principal: Principal::operator(), origin: Origin::default(), device: None, session: None }
    }

    /// A call from the command line by this operating system account. Audit records name the account.
    #[must_use]
    pub fn operator_named(os_user: OsUser) -> Self {
        let origin = Origin { os_user: Some(os_user), ..Origin::default() };
        Self { origin, ..Self::operator() }
    }

    /// A call without credentials.
    #[must_use]
    pub fn anonymous(origin: Origin) -> Self {
        Self { principal: Principal::anonymous(), origin, device: None, session: None }
    }

    /// The guards that the caller still has the access with which the request was authenticated. They fail if the user
    /// was disabled, demoted, logged out or deleted meanwhile, if the service account's API key was revoked, or if the
    /// access of the key's creator has changed.
    pub(crate) fn authority(&self) -> impl Iterator<Item = Guard> {
        let epoch = self.principal.accountable_user().map(|(id, epoch)| Guard::AuthEpoch(id, epoch));
        let session = self.session.as_ref().map(|session| Guard::SessionExists(session.id));
        let key = self.principal.api_key().map(|(account, key)| Guard::ApiKeyGood(account, key));
        [epoch, session, key].into_iter().flatten()
    }

    /// Whether the caller still has that access. [`authority`](Self::authority) are the guards for the same.
    pub(crate) async fn keeps_access(&self, store: &dyn Store) -> Result<bool, StoreError> {
        if let Some((id, epoch)) = self.principal.accountable_user()
            && store.user(id).await?.is_none_or(|user| user.auth_epoch != epoch)
        {
            return Ok(false);
        }
        if let Some(session) = &self.session
            && store.session(session.id).await?.is_none()
        {
            return Ok(false);
        }
        let Some((id, key)) = self.principal.api_key() else { return Ok(true) };
        let account = store.service_account(id).await?;
        Ok(account.is_some_and(|account| account.is_active() && account.key(key).is_some()))
    }

    /// Whether the caller authenticated with a password-change token. Such a caller has just proven the current
    /// password and has no session yet.
    pub(crate) const fn is_by_password_change_token(&self) -> bool {
        self.principal.must_change_password() && self.session.is_none()
    }

    /// The client that rate limits count this call for.
    pub(crate) fn client(&self) -> ClientNetwork {
        self.origin.ip.into()
    }

    /// The address whose queue this call's password hashing uses.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.origin.ip
    }
}
