//! Decides about one person who does not come from a file.

use super::claims::Claims;
use super::decision::{Decision, NewUser};
use crate::{Call, Error, Roster};
use roster_domain::Username;
use roster_import::{NameHasher, Person, ReadRecord, Refusal, Survey};
use std::sync::Arc;

/// What an import would do about a record that is alone in its file.
pub(crate) enum Alone {
    /// It would create a user for this person, with this username.
    New {
        /// The person.
        person: Box<Person>,
        /// The username, which is free.
        username: Username,
    },
    /// It would leave a user unchanged: the person is here already.
    Present,
    /// It would refuse the record.
    Refused(Refusal),
}

impl Roster {
    /// Decides about a record as an import by `call` would, and writes nothing.
    ///
    /// # Errors
    /// The errors of the store.
    pub(crate) async fn decide_alone(
        &self,
        call: &Call,
        record: ReadRecord,
        survey: Arc<Survey>,
        hasher: NameHasher,
    ) -> Result<Alone, Error> {
        let mut claims = Claims::new(hasher, survey);
        let decision = self.decide(call, vec![record], &mut claims).await?.pop();
        Ok(match decision {
            Some((_, Decision::Import(new))) => {
                let NewUser { person, username, .. } = *new;
                Alone::New { person: Box::new(person), username }
            }
            Some((_, Decision::Refuse(refusal))) => Alone::Refused(refusal),
            Some((_, Decision::Unchanged(_))) | None => Alone::Present,
        })
    }
}
