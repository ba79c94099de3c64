//! Authenticates service accounts by their API keys.

use crate::{Error, Roster};
use jiff::Timestamp;
use roster_auth::api_key::ShownApiKey;
use roster_domain::{
    ApiKey, ApiKeyId, KeyCreator, Permissions, Principal, ServiceAccount, ServiceAccountId, User, policy,
};
use std::sync::Arc;

/// An authenticated service account, and the API key that it used.
#[derive(Clone, Debug)]
pub struct ServiceAccountClient {
    /// The service account.
    pub account: Arc<ServiceAccount>,
    /// The API key it authenticated with. Tokens issued to the service account should end with this key.
    pub key: ApiKeyId,
    /// The permissions that the key grants now.
    pub permissions: Permissions,
    /// The user who created the key, if it was a user and they still exist.
    creator: Option<Arc<User>>,
}

impl ServiceAccountClient {
    /// The service account as a caller.
    pub(crate) fn principal(&self) -> Principal {
        self.principal_within(Permissions::all())
    }

    /// The service account as a caller, restricted to `scope`.
    pub(crate) fn principal_within(&self, scope: Permissions) -> Principal {
        let creator = self.creator.as_deref();
        Principal::service_account(self.account.id, self.key, creator, self.permissions & scope)
    }
}

impl Roster {
    /// Authenticates an API key. The permissions are computed at each call from the current state of the key, its
    /// service account and the user who created the key.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] if the key does not exist or has expired, or its service account is disabled;
    /// [`Error::Store`].
    pub async fn authenticate_key(&self, text: &str) -> Result<Principal, Error> {
        let client = self.client(text).await?.ok_or(Error::InvalidToken)?;
        Ok(client.principal())
    }

    /// Authenticates a service account by its id and API key, for the `client_credentials` grant (RFC 6749, section
    /// 4.4).
    ///
    /// # Errors
    /// [`Error::BadClient`] if either is wrong; [`Error::Store`].
    pub async fn authenticate_client(
        &self,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<ServiceAccountClient, Error> {
        let client = self.client(secret).await?.filter(|client| client.account.id == id);
        client.ok_or(Error::BadClient)
    }

    /// The service account and its key in their current state, for an access token that was issued to it. `None`
    /// if the key has ended, or the account is disabled or deleted.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn client_by_key(
        &self,
        id: ServiceAccountId,
        key: ApiKeyId,
    ) -> Result<Option<ServiceAccountClient>, Error> {
        let now = self.parts().clock.now();
        let Some(account) = self.store().service_account(id).await? else { return Ok(None) };
        let Some(key) = account.key(key).filter(|key| is_good(&account, key, now)).cloned() else {
            return Ok(None);
        };
        self.with_permissions(account, &key).await.map(Some)
    }

    async fn client(&self, text: &str) -> Result<Option<ServiceAccountClient>, Error> {
        let Some(presented) = ShownApiKey::parse(text) else { return Ok(None) };
        let now = self.parts().clock.now();
        let Some(account) = self.store().service_account_by_key_prefix(presented.prefix()).await? else {
            return Ok(None);
        };
        let key = account.key_by_prefix(presented.prefix());
        let good = |key: &&ApiKey| presented.is(&key.digest) && is_good(&account, key, now);
        let Some(key) = key.filter(good).cloned() else { return Ok(None) };
        self.note_key_use(&account, &key, now);
        self.with_permissions(account, &key).await.map(Some)
    }

    async fn with_permissions(
        &self,
        account: Arc<ServiceAccount>,
        key: &ApiKey,
    ) -> Result<ServiceAccountClient, Error> {
        let creator = match key.created_by {
            KeyCreator::User(id) => self.store().user(id).await?,
            KeyCreator::Operator => None,
        };
        let permissions = policy::key_grants(key, &account, creator.as_deref());
        Ok(ServiceAccountClient { key: key.id, permissions, account, creator })
    }
}

fn is_good(account: &ServiceAccount, key: &ApiKey, now: Timestamp) -> bool {
    account.is_active() && key.is_live(now)
}
