//! An access token for a machine, in its own name.

use crate::{Call, ClientOfMachine, Error, Roster};
use roster_auth::token::AccessToken;
use roster_domain::{Action, Outcome, Permissions, ServiceAccountId, Target};
use roster_storage::{CommitError, UnitOfWork};

/// What a machine gets.
#[derive(Debug)]
pub struct MachineToken {
    /// The token, which ends with the key that it was issued for.
    pub token: AccessToken,
    /// What it grants.
    pub permissions: Permissions,
}

impl Roster {
    /// The call of a machine that shows its account's id and one of its keys, as an OAuth client does.
    ///
    /// # Errors
    /// As [`Roster::grant_to_machine`], but for the scope.
    pub async fn call_of_client(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<Call, Error> {
        let client = self.admitted_client(call, id, secret).await?;
        Ok(Call { principal: client.principal(), ..call.clone() })
    }

    /// Gives a machine an access token in its own name (RFC 6749, section 4.4): for all that its key grants now,
    /// or for `wanted` of it. That is a login, in the audit log too.
    ///
    /// # Errors
    /// [`Error::TooMany`] guesses; [`Error::BadClient`], whichever of the two is wrong; [`Error::ScopeExceeded`];
    /// the store's.
    pub async fn grant_to_machine(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
        wanted: Option<Permissions>,
    ) -> Result<MachineToken, Error> {
        let client = self.admitted_client(call, id, secret).await?;
        let permissions = wanted.unwrap_or(client.permissions);
        // A key that grants nothing, as one whose maker has left, is told so here, not at every request after.
        if !client.permissions.covers(permissions) || permissions == Permissions::NONE {
            return Err(Error::ScopeExceeded);
        }
        let key = client.account.key(client.key).ok_or(Error::BadClient)?;
        let (issuer, now) = (&self.parts().token_issuer, self.parts().clock.now());
        let token = issuer.issue_to_machine(&client.account, key, permissions, now, self.random());
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        self.record_grant(call, &client).await?;
        Ok(MachineToken { token, permissions })
    }

    /// Writes down that a machine has logged in, if its key is still good.
    async fn record_grant(&self, call: &Call, client: &ClientOfMachine) -> Result<(), Error> {
        let call = Call { principal: client.principal(), ..call.clone() };
        let machine = Target::ServiceAccount { id: client.account.id, key: Some(client.key) };
        let record = self.record(&call, Action::LoggedIn, machine);
        match self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await {
            Err(CommitError::Conflict(_)) => Err(Error::BadClient),
            outcome => Ok(outcome?),
        }
    }

    /// Guesses count as requests of their client. Right keys do not: a service that introspects many tokens, or
    /// shares its address with others, is not held up for it.
    async fn admitted_client(
        &self,
        call: &Call,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<ClientOfMachine, Error> {
        let client = self.authenticate_client(id, secret).await;
        if matches!(client, Err(Error::BadClient)) {
            let account = self.store().service_account(id).await?;
            let target = account.map(|account| Target::ServiceAccount { id: account.id, key: None });
            self.note_failure(call, Action::LoggedIn, target, Outcome::BadCredentials);
            self.limits().admit_request(call.client(), self.parts().clock.now())?;
        }
        client
    }
}
