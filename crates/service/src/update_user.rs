//! Changes a user's profile.

use crate::roster::with_changed;
use crate::user_draft::differences;
use crate::{Call, Error, FieldError, FixedFields, Precondition, Roster, UserDraft};
use jiff::Timestamp;
use roster_domain::{Action, EmailAddress, Field, Principal, User, UserId, policy};
use roster_storage::{Change, Guard, StoreError, UnitOfWork};
use std::sync::Arc;

/// Whether a draft must contain every field that the caller may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It must, as in a PUT request.
    Whole,
    /// It need not, as in a PATCH request.
    Partial,
}

impl Roster {
    /// Changes a user. Users may change their own names. With `users:update`, callers may change any field of users who
    /// hold no permission that the caller lacks. A draft that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up if the caller may neither change nor read the user; [`Error::UserNotFound`];
    /// [`Error::LoginTooOld`] for a change of the email address or the roles; [`Error::PreconditionFailed`];
    /// [`Error::Invalid`] for missing and read-only fields; [`Error::Taken`]; [`Error::LastAdministrator`]; the errors of
    /// the store.
    pub async fn update_user(
        &self,
        call: &Call,
        id: UserId,
        precondition: &Precondition,
        completeness: Completeness,
        draft: &UserDraft,
    ) -> Result<Arc<User>, Error> {
        let updated = self.try_update(call, id, precondition, completeness, draft).await;
        self.note_denial(call, Action::UserUpdated, id, updated)
    }

    async fn try_update(
        &self,
        call: &Call,
        id: UserId,
        precondition: &Precondition,
        completeness: Completeness,
        draft: &UserDraft,
    ) -> Result<Arc<User>, Error> {
        if let Err(denied) = policy::update(&call.principal, id) {
            return Err(self.deny_update(call, id, &draft.fixed, denied).await?);
        }
        self.retry(|| async {
            let before = self.existing_user(id).await?;
            precondition.check(&before)?;
            let now = self.parts().clock.now();
            let (after, changed) = draft.apply(&call.principal, &before, completeness, now)?;
            if changed.is_empty() {
                return Ok(Some(before));
            }
            if changed.contains(&Field::Email) || changed.contains(&Field::Roles) {
                self.require_recent_login(call)?;
            }
            let after = Arc::new(after);
            let record = with_changed(self.record(call, Action::UserUpdated, id), changed);
            let work = unit(record, &before, &after).require_all(call.authority());
            let is_retried = |guard: &Guard| {
                matches!(guard, Guard::UserVersion(..) | Guard::CredentialIs(..) | Guard::LastLoginIs(..))
            };
            let committed = self.try_commit(work, is_retried).await?;
            Ok(committed.map(|()| after))
        })
        .await
    }

    /// The error for a caller who may not change this user. Errors about read-only fields come first. If the caller may
    /// not read the user either, the response does not depend on whether the user exists.
    async fn deny_update(
        &self,
        call: &Call,
        id: UserId,
        fixed: &FixedFields,
        denied: policy::Denied,
    ) -> Result<Error, StoreError> {
        let visible = match policy::read(&call.principal, id) {
            Ok(()) => self.store().user(id).await?,
            Err(_) => None,
        };
        let errors =
            visible.map_or_else(|| fixed.errors_unseen(id), |user| fixed.errors(&call.principal, &user));
        Ok(if errors.is_empty() { denied.into() } else { Error::Invalid(errors) })
    }
}

/// The unit of work that stores `after`. Also guards what a login writes without changing the version, so that the update
/// does not undo it.
fn unit(record: roster_domain::AuditRecord, before: &User, after: &Arc<User>) -> UnitOfWork {
    let work = UnitOfWork::audited(record)
        .require(Guard::UserVersion(before.id, before.version))
        .require(Guard::CredentialIs(before.id, before.credential.clone()))
        .require(Guard::LastLoginIs(before.id, before.last_login_at))
        .require_new_names_free(Some(before), after);
    let work = if before.is_active_admin() && !after.is_active_admin() {
        work.require(Guard::AnotherAdminRemains(before.id))
    } else {
        work
    };
    let work = work.write(Change::PutUser(after.clone()));
    if before.is_active() && !after.is_active() {
        work.write(Change::RemoveSessionsOf { user: after.id, keep: None })
    } else {
        work
    }
}

impl UserDraft {
    /// The user with this draft applied, and the changed fields.
    fn apply(
        &self,
        principal: &Principal,
        before: &User,
        completeness: Completeness,
        now: Timestamp,
    ) -> Result<(User, Vec<Field>), Error> {
        let mut errors = self.fixed.errors(principal, before);
        if completeness == Completeness::Whole {
            let missing = policy::writable_fields(principal).iter().filter(|field| !self.contains(**field));
            errors.extend(missing.map(|field| FieldError::missing(field.as_str(), "in a replacement")));
        }
        let attributes = self.attributes(before).map_err(|error| errors.push(error)).unwrap_or_default();
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let verified = self.verified(principal, before)?;
        let after = self.result(before, verified, attributes, now);
        let changed = differences(before, &after);
        authorize(principal, before, &after, &changed)?;
        let after = if changed.is_empty() { after } else { after.touched(now) };
        Ok((after, changed))
    }

    /// Whether the email address is verified after the change. A new address is not, unless a caller who may write
    /// `email_verified` says so.
    fn verified(&self, principal: &Principal, before: &User) -> Result<bool, Error> {
        let may_state = policy::writable_fields(principal).contains(&Field::EmailVerified);
        match self.email_verified {
            Some(stated) if may_state => Ok(stated),
            Some(stated) if stated != before.email_verified => {
                Err(policy::Denied::Field(Field::EmailVerified).into())
            }
            _ => {
                let key = |email: &Option<EmailAddress>| email.as_ref().map(|email| email.key().clone());
                let same = self.email.as_ref().is_none_or(|email| key(email) == key(&before.email));
                Ok(same && before.email_verified)
            }
        }
    }
}

/// Checks the policy for every field that would change.
fn authorize(principal: &Principal, before: &User, after: &User, changed: &[Field]) -> Result<(), Error> {
    for field in changed {
        // `UserDraft::verified` has checked this field, which a new address changes implicitly.
        if *field != Field::EmailVerified {
            policy::write_field(principal, before.id, *field)?;
        }
        if field.is_protected() {
            policy::may_manage(principal, before)?;
        }
    }
    if changed.contains(&Field::Roles) {
        policy::grant(principal, after.roles())?;
    }
    Ok(())
}
