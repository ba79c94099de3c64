//! Who asks, and from where.

use roster_domain::{ClientNetwork, DeviceLabel, Origin, OsUser, Principal, Session};
use roster_storage::Guard;
use std::net::IpAddr;
use std::sync::Arc;

/// One request to a use case.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// With what, if it is about to open a session.
    pub device: Option<DeviceLabel>,
    /// In which session, if the caller is a user.
    pub session: Option<Arc<Session>>,
}

impl Call {
    /// A call of the command line, by an account of the operating system that nobody named.
    #[must_use]
    pub fn operator() -> Self {
        Self { principal: Principal::operator(), origin: Origin::default(), device: None, session: None }
    }

    /// A call of the command line by this account of the operating system. Its audit records name it.
    #[must_use]
    pub fn operator_named(os_user: OsUser) -> Self {
        let origin = Origin { os_user: Some(os_user), ..Origin::default() };
        Self { origin, ..Self::operator() }
    }

    /// A call of somebody who did not say who they are.
    #[must_use]
    pub fn anonymous(origin: Origin) -> Self {
        Self { principal: Principal::anonymous(), origin, device: None, session: None }
    }

    /// What must still hold when the call's work is committed, so that the caller may still do it: a caller who
    /// was disabled, demoted, logged out or erased meanwhile is not the one who was let in, nor is a machine whose
    /// key was revoked, or whose key's maker is no longer who they were.
    pub(crate) fn authority(&self) -> impl Iterator<Item = Guard> {
        let epoch = self.principal.accountable_user().map(|(id, epoch)| Guard::AuthEpoch(id, epoch));
        let session = self.session.as_ref().map(|session| Guard::SessionExists(session.id));
        let key = self.principal.api_key().map(|(account, key)| Guard::ApiKeyGood(account, key));
        [epoch, session, key].into_iter().flatten()
    }

    /// Whether the caller showed a password-change token: they have proven a moment ago that they know the present
    /// password, and no session is theirs yet.
    pub(crate) const fn is_by_password_change_token(&self) -> bool {
        self.principal.must_change_password() && self.session.is_none()
    }

    /// Whom this call counts for, where clients are limited.
    pub(crate) fn client(&self) -> ClientNetwork {
        self.origin.ip.into()
    }

    /// Where password hashing for this call queues.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.origin.ip
    }
}
