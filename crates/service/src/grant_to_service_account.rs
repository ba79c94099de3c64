//! Issues access tokens to service accounts.

use crate::{Call, Error, Roster, ServiceAccountClient};
use roster_auth::token::AccessToken;
use roster_domain::{Action, Outcome, Permissions, ServiceAccountId, Target};
use roster_storage::{CommitError, UnitOfWork};

/// An access token of a service account.
#[derive(Debug)]
pub struct ServiceAccountToken {
    /// The token. It ends with the API key that it was issued for.
    pub token: AccessToken,
    /// The permissions that it grants.
    pub permissions: Permissions,
}

impl Roster {
    /// Authenticates a service account as an OAuth client, by its id and one of its API keys. Returns `call` with the
    /// service account as the caller.
    ///
    /// # Errors
    /// As [`Roster::grant_to_service_account`], without [`Error::ScopeExceeded`].
    pub async fn call_of_client(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<Call, Error> {
        let client = self.authenticate_within_limits(call, id, secret).await?;
        Ok(Call { principal: client.principal(), ..call.clone() })
    }

    /// Issues an access token to a service account (RFC 6749, section 4.4): with the permissions `wanted`, or with all
    /// that its key grants now. This is recorded as a login in the audit log.
    ///
    /// # Errors
    /// [`Error::TooMany`] after too many failures; [`Error::BadClient`] if the id or the key is wrong;
    /// [`Error::ScopeExceeded`]; the errors of the store.
    pub async fn grant_to_service_account(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
        wanted: Option<Permissions>,
    ) -> Result<ServiceAccountToken, Error> {
        let client = self.authenticate_within_limits(call, id, secret).await?;
        let permissions = wanted.unwrap_or(client.permissions);
        // A key may grant nothing, for example if its creator was deleted. Fails here rather than at each later
        // request.
        if !client.permissions.covers(permissions) || permissions == Permissions::NONE {
            return Err(Error::ScopeExceeded);
        }
        let key = client.account.key(client.key).ok_or(Error::BadClient)?;
        let (issuer, now) = (&self.parts().token_issuer, self.parts().clock.now());
        let token = issuer.issue_to_service_account(&client.account, key, permissions, now, self.id_bytes());
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        self.record_grant(call, &client).await?;
        Ok(ServiceAccountToken { token, permissions })
    }

    /// Records the login of a service account, if its key is still valid.
    async fn record_grant(&self, call: &Call, client: &ServiceAccountClient) -> Result<(), Error> {
        let call = Call { principal: client.principal(), ..call.clone() };
        let service_account = Target::ServiceAccount { id: client.account.id, key: Some(client.key) };
        let record = self.record(&call, Action::LoggedIn, service_account);
        match self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await {
            Err(CommitError::Conflict(_)) => Err(Error::BadClient),
            outcome => Ok(outcome?),
        }
    }

    /// Authenticates a service account. Failures count as requests of the client. Successes do not, so that the limits
    /// do not slow down a service that introspects many tokens or shares its address with others.
    async fn authenticate_within_limits(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<ServiceAccountClient, Error> {
        let client = self.authenticate_client(id, secret).await;
        if matches!(client, Err(Error::BadClient)) {
            let account = self.store().service_account(id).await?;
            let target = account.map(|account| Target::ServiceAccount { id: account.id, key: None });
            self.note_failure(call, Action::LoggedIn, target, Outcome::BadCredentials);
            self.limits().admit_request(call.client(), self.parts().clock.now()).await?;
        }
        client
    }
}
