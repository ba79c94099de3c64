//! Decides about a batch of records.

use super::carry_out::Decided;
use super::claims::Claims;
use super::decision::{Decider, Decision};
use super::known_users::{keys_of, usernames_of};
use crate::{Call, Error, Roster};
use roster_import::{ParsedRecord, ReadRecord};
use std::collections::VecDeque;

impl Roster {
    /// Decides about the records one by one. What the store has under their names is looked up before, for all at once.
    pub(super) async fn decide(
        &self,
        call: &Call,
        records: Vec<ReadRecord>,
        claims: &mut Claims,
    ) -> Result<Vec<Decided>, Error> {
        let mut known = self.known_users(&keys_of(parsed(&records))).await?;
        let mut decided = Vec::with_capacity(records.len());
        let mut rest = VecDeque::from(records);
        while let Some(record) = rest.pop_front() {
            if record.outcome.as_ref().is_ok_and(|record| known.lacks_username(record, claims)) {
                // At most once, since it looks up those of all that follow.
                let following =
                    [&record].into_iter().chain(&rest).filter_map(|record| record.outcome.as_deref().ok());
                self.look_up(&usernames_of(following), &mut known).await?;
            }
            let decision = match record.outcome {
                Err(refusal) => Decision::Refuse(refusal),
                Ok(parsed) => Decider { call, claims, known: &known }.decide(*parsed, &record.location),
            };
            decided.push((record.location, decision));
        }
        Ok(decided)
    }
}

/// The records that were parsed.
pub(super) fn parsed(records: &[ReadRecord]) -> impl Iterator<Item = &ParsedRecord> {
    records.iter().filter_map(|record| record.outcome.as_deref().ok())
}
