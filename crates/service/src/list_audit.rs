//! The audit log.

use crate::failed_attempts::Pending;
use crate::{Call, Error, Roster};
use roster_domain::{ActorFilter, AuditPage, AuditQuery, Login, Permission, TargetFilter, policy};
use uuid::Uuid;

/// People whom a question about the audit log names by what they log in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditParties {
    /// Who acted.
    pub actor: Option<Login>,
    /// To whom it was done.
    pub target: Option<Login>,
}

impl Roster {
    /// One page of the audit records that match, newest first, with `audit:read`.
    ///
    /// That somebody read the log is in the access log, not in the log itself: a monitor that polls it would
    /// fill it with nothing but its own reading.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn audit_records(&self, call: &Call, query: &AuditQuery) -> Result<AuditPage, Error> {
        policy::require(&call.principal, Permission::AuditRead)?;
        // Whoever has seen a failure finds it.
        self.write_failed_attempts(Pending::Due).await;
        Ok(self.store().audit_records(query).await?)
    }

    /// The question with the ids of those whom it names, with `users:read`. The log holds ids only: somebody who was
    /// erased is found by their id.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up; [`Error::PartyNotFound`]; [`Error::Store`].
    pub async fn resolve_parties(
        &self,
        call: &Call,
        mut query: AuditQuery,
        parties: &AuditParties,
    ) -> Result<AuditQuery, Error> {
        if let Some(id) = self.party(call, "actor", parties.actor.as_ref()).await? {
            query.filter.actor = Some(ActorFilter::Id(id));
        }
        if let Some(id) = self.party(call, "target", parties.target.as_ref()).await? {
            query.filter.target = Some(TargetFilter::Id(id));
        }
        Ok(query)
    }

    async fn party(
        &self,
        call: &Call,
        parameter: &'static str,
        login: Option<&Login>,
    ) -> Result<Option<Uuid>, Error> {
        let Some(login) = login else { return Ok(None) };
        policy::require(&call.principal, Permission::UsersRead)?;
        let user = self.store().user_by_login(login).await?.ok_or(Error::PartyNotFound { parameter })?;
        Ok(Some(*user.id.as_uuid()))
    }
}
