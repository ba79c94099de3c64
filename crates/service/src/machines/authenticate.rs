//! Who a shown API key stands for, right now.

use crate::{Error, Roster};
use jiff::Timestamp;
use roster_auth::api_key::ShownApiKey;
use roster_domain::{
    ApiKey, ApiKeyId, KeyMaker, Permissions, Principal, ServiceAccount, ServiceAccountId, User, policy,
};
use std::sync::Arc;

/// A machine that has shown who it is, as an OAuth client.
#[derive(Clone, Debug)]
pub struct ClientOfMachine {
    /// Its account.
    pub account: Arc<ServiceAccount>,
    /// The key that it showed. What is issued to it should end with this key.
    pub key: ApiKeyId,
    /// What it may do now.
    pub permissions: Permissions,
    /// Who made the key, if that is a user who is still there.
    maker: Option<Arc<User>>,
}

impl ClientOfMachine {
    /// The machine as a caller.
    pub(crate) fn principal(&self) -> Principal {
        self.principal_within(Permissions::all())
    }

    /// The machine as a caller who may do no more than this.
    pub(crate) fn principal_within(&self, scope: Permissions) -> Principal {
        let maker = self.maker.as_deref();
        Principal::service_account(self.account.id, self.key, maker, self.permissions & scope)
    }
}

impl Roster {
    /// The machine that an API key stands for. What it may do is decided anew each time, from the key, its
    /// account and the person who made the key, as they are now.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], if it is no key, or one that has ended, or its account is disabled or gone;
    /// [`Error::Store`].
    pub async fn authenticate_key(&self, shown: &str) -> Result<Principal, Error> {
        let client = self.client(shown).await?.ok_or(Error::InvalidToken)?;
        Ok(client.principal())
    }

    /// The machine with this account id and API key, for the `client_credentials` grant (RFC 6749, section 4.4).
    ///
    /// # Errors
    /// [`Error::BadClient`], whichever of the two is wrong; [`Error::Store`].
    pub async fn authenticate_client(
        &self,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<ClientOfMachine, Error> {
        let client = self.client(secret).await?.filter(|client| client.account.id == id);
        client.ok_or(Error::BadClient)
    }

    /// The machine that was let in with this key, as it is now: what an access token issued to it stands for.
    /// `None` once the key has ended, or the account is disabled or gone.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn client_by_key(
        &self,
        id: ServiceAccountId,
        key: ApiKeyId,
    ) -> Result<Option<ClientOfMachine>, Error> {
        let now = self.parts().clock.now();
        let Some(account) = self.store().service_account(id).await? else { return Ok(None) };
        let Some(key) = account.key(key).filter(|key| is_good(&account, key, now)).cloned() else {
            return Ok(None);
        };
        self.let_in(account, &key).await.map(Some)
    }

    async fn client(&self, shown: &str) -> Result<Option<ClientOfMachine>, Error> {
        let Some(shown) = ShownApiKey::parse(shown) else { return Ok(None) };
        let now = self.parts().clock.now();
        let Some(account) = self.store().service_account_by_key_prefix(shown.prefix()).await? else {
            return Ok(None);
        };
        let key = account.key_by_prefix(shown.prefix());
        let good = |key: &&ApiKey| shown.is(&key.digest) && is_good(&account, key, now);
        let Some(key) = key.filter(good).cloned() else { return Ok(None) };
        self.note_key_use(&account, &key, now);
        self.let_in(account, &key).await.map(Some)
    }

    async fn let_in(&self, account: Arc<ServiceAccount>, key: &ApiKey) -> Result<ClientOfMachine, Error> {
        let maker = match key.created_by {
            KeyMaker::User(id) => self.store().user(id).await?,
            KeyMaker::Operator => None,
        };
        let permissions = policy::key_grants(key, &account, maker.as_deref());
        Ok(ClientOfMachine { key: key.id, permissions, account, maker })
    }
}

fn is_good(account: &ServiceAccount, key: &ApiKey, now: Timestamp) -> bool {
    account.is_active() && key.is_live(now)
}
