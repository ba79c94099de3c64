//! Carries out the decision about a record.

use super::decision::Decision;
use super::mode::ImportMode;
use crate::{Call, Error, Roster};
use roster_auth::password::Password;
use roster_domain::{Action, Credential, PasswordHash, User, Username};
use roster_import::{ImportedCredential, Person, RecordOutcome, Refusal};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// How long an import waits before it checks again whether the hash pool has room.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

impl Roster {
    /// Carries out a decision. A dry run only reports it.
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
            external_id: new.person.identifier(),
            status: new.person.status.kind().as_str(),
            reported: new.notes,
        };
        if mode == ImportMode::DryRun {
            return Ok(imported);
        }
        let mut person = new.person;
        let credential = std::mem::replace(&mut person.credential, ImportedCredential::None);
        match self.create_imported(call, &person, new.username, credential).await {
            Ok(()) => Ok(imported),
            Err(Error::Taken(field)) => Ok(match self.find_imported(&person).await? {
                Some(user) => unchanged(&user),
                None => RecordOutcome::Refused { reason: Refusal::TakenMeanwhile(field) },
            }),
            Err(error) => Err(error),
        }
    }

    async fn create_imported(
        &self,
        call: &Call,
        person: &Person,
        username: Username,
        credential: ImportedCredential,
    ) -> Result<(), Error> {
        let credential = match credential {
            ImportedCredential::Hash(hash) => Credential::Password(hash),
            ImportedCredential::PlainText(password) => {
                Credential::Password(self.hash_when_idle(call, password).await?)
            }
            ImportedCredential::Unusable(reason) => Credential::Unusable { reason: reason.reason() },
            ImportedCredential::None => Credential::None,
        };
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        let user = Arc::new(person.to_user(id, username, credential));
        let work = UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_new_user(&user)
            .write(Change::PutUser(user));
        Ok(self.store().commit(work).await?)
    }

    /// Hashes a password once the hash pool has room for it, so that an import does not displace logins.
    async fn hash_when_idle(&self, call: &Call, password: Password) -> Result<PasswordHash, Error> {
        let password = Arc::new(password);
        loop {
            if self.parts().hash_pool.has_room(call.address()) {
                match self.hash(call, password.clone()).await {
                    // A login was faster, or displaced this password.
                    Err(Error::Busy { .. }) => {}
                    outcome => return outcome,
                }
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
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
