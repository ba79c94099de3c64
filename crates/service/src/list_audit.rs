//! Reads the audit log.

use crate::failed_attempts::Pending;
use crate::{Call, Error, Roster};
use roster_domain::{ActorFilter, AuditPage, AuditQuery, Login, Permission, TargetFilter, policy};
use uuid::Uuid;

/// Users whom a query of the audit log names by their login name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditParties {
    /// The user who acted.
    pub actor: Option<Login>,
    /// The user who was affected.
    pub target: Option<Login>,
}

impl Roster {
    /// One page of the audit records that match, newest first. The caller needs `audit:read`.
    ///
    /// Reading the audit log is not recorded in it, only in the access log. Otherwise a monitor that polls it would fill
    /// it with its own reads.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn audit_records(&self, call: &Call, query: &AuditQuery) -> Result<AuditPage, Error> {
        policy::require(&call.principal, Permission::AuditRead)?;
        // A caller who has just seen a failure finds it in the log.
        self.write_failed_attempts(Pending::Due).await;
        Ok(self.store().audit_records(query).await?)
    }

    /// Adds the ids of `parties` to the query. The caller needs `users:read`. The log contains only ids, so records of a
    /// deleted user can only be found by id.
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
