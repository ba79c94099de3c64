//! Doing what was decided about a record.

use super::ImportMode;
use super::decision::Decision;
use super::person::Person;
use super::refusal::Refusal;
use super::report::RecordOutcome;
use super::secret::Secret;
use crate::{Call, Error, Roster};
use roster_auth::password::Password;
use roster_domain::{Action, Credential, PasswordHash, User, Username};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// How long an import waits before it looks for room in the queue of passwords again.
const PATIENCE: Duration = Duration::from_millis(5);

impl Roster {
    /// Does what was decided, unless nothing is to be written.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        decision: Decision,
        mode: ImportMode,
    ) -> Result<RecordOutcome, Error> {
        let new = match decision {
            Decision::Import(new) => *new,
            Decision::Unchanged(user) => return Ok(unchanged(&user)),
            Decision::Refuse(reason) => return Ok(RecordOutcome::Refused { reason }),
        };
        let imported = RecordOutcome::Imported {
            username: new.username.as_str().to_owned(),
            external_id: new.person.recognised_by(),
            status: new.person.status.kind().as_str(),
            reported: new.notes,
        };
        if mode == ImportMode::DryRun {
            return Ok(imported);
        }
        let mut person = new.person;
        let secret = std::mem::replace(&mut person.secret, Secret::None);
        match self.bring_in(call, &person, new.username, secret).await {
            Ok(()) => Ok(imported),
            Err(Error::Taken(field)) => Ok(match self.brought_in(&person).await? {
                Some(user) => unchanged(&user),
                None => RecordOutcome::Refused { reason: Refusal::TakenMeanwhile(field) },
            }),
            Err(error) => Err(error),
        }
    }

    async fn bring_in(
        &self,
        call: &Call,
        person: &Person,
        username: Username,
        secret: Secret,
    ) -> Result<(), Error> {
        let credential = match secret {
            Secret::Hash(hash) => Credential::Password(hash),
            Secret::PlainText(password) => Credential::Password(self.hash_patiently(call, password).await?),
            Secret::Unusable(reason) => Credential::Unusable { reason: reason.reason() },
            Secret::None => Credential::None,
        };
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        let user = Arc::new(person.to_user(id, username, credential));
        let work = UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_new_user(&user)
            .write(Change::PutUser(user));
        Ok(self.store().commit(work).await?)
    }

    /// Hashes a password as soon as there is room for it: an import is in no hurry, and displaces nobody.
    async fn hash_patiently(&self, call: &Call, password: Password) -> Result<PasswordHash, Error> {
        let password = Arc::new(password);
        loop {
            if self.parts().hash_pool.has_room(call.address()) {
                match self.hash(call, password.clone()).await {
                    // Others were quicker, or have displaced it.
                    Err(Error::Busy { .. }) => {}
                    outcome => return outcome,
                }
            }
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

fn unchanged(user: &User) -> RecordOutcome {
    let external_id = user.external_id.as_ref().map(|id| id.as_str().to_owned());
    RecordOutcome::Unchanged {
        username: user.username.as_str().to_owned(),
        external_id: external_id.unwrap_or_else(|| user.id.to_string()),
    }
}
