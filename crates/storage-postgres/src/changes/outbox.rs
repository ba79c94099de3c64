//! What is still to be sent.

use std::collections::HashSet;
use std::mem;

use parking_lot::Mutex;
use roster_storage::Entity;
use tokio::sync::Notify;

use super::message::{everything, messages};

/// What is still to be sent. It is bounded: while the database is away, many changes become one message that anything may
/// have changed.
#[derive(Default)]
pub(super) struct Outbox {
    pending: Mutex<Pending>,
    filled: Notify,
}

/// What is to be sent in one go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pending {
    Entities(HashSet<Entity>),
    Everything,
}

/// More entities than this are sent as one message that anything may have changed.
const MOST: usize = 4096;

impl Outbox {
    /// Adds entities.
    pub(super) fn add(&self, changed: &[Entity]) {
        self.pending.lock().add(changed.iter().copied());
        self.filled.notify_one();
    }

    /// Returns once there is something to send.
    pub(super) async fn filled(&self) {
        while self.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Whether there is nothing to send.
    pub(super) fn is_empty(&self) -> bool {
        self.pending.lock().is_empty()
    }

    /// Takes everything that is to be sent.
    pub(super) fn take(&self) -> Pending {
        mem::take(&mut *self.pending.lock())
    }

    /// Puts back what was not sent, or perhaps not.
    pub(super) fn put_back(&self, unsent: Pending) {
        let mut pending = self.pending.lock();
        match unsent {
            Pending::Entities(entities) => pending.add(entities.into_iter()),
            Pending::Everything => *pending = Pending::Everything,
        }
    }
}

impl Pending {
    /// The messages to send.
    pub(super) fn messages(&self) -> Vec<String> {
        match self {
            Self::Entities(entities) => messages(&entities.iter().copied().collect::<Vec<_>>()),
            Self::Everything => vec![everything()],
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Entities(entities) if entities.is_empty())
    }

    fn add(&mut self, changed: impl Iterator<Item = Entity>) {
        if let Self::Entities(entities) = self {
            entities.extend(changed);
            if entities.len() > MOST {
                *self = Self::Everything;
            }
        }
    }
}

impl Default for Pending {
    fn default() -> Self {
        Self::Entities(HashSet::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::UserId;
    use uuid::Uuid;

    fn user(number: u128) -> Entity {
        Entity::User(UserId::from(Uuid::from_u128(number)))
    }

    #[test]
    fn an_entity_that_changed_twice_is_sent_once() {
        let outbox = Outbox::default();
        outbox.add(&[user(1), user(2)]);
        outbox.add(&[user(1)]);
        assert_eq!(outbox.take(), Pending::Entities([user(1), user(2)].into()));
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_was_not_sent_is_sent_later_together_with_what_came_meanwhile() {
        let outbox = Outbox::default();
        outbox.add(&[user(1)]);
        let unsent = outbox.take();
        outbox.add(&[user(2)]);
        outbox.put_back(unsent);
        assert_eq!(outbox.take(), Pending::Entities([user(1), user(2)].into()));
    }

    #[test]
    fn more_than_fits_becomes_everything() {
        let outbox = Outbox::default();
        for number in 0..=MOST as u128 {
            outbox.add(&[user(number)]);
        }
        outbox.put_back(Pending::Entities([user(1)].into()));
        assert_eq!(outbox.take().messages(), ["*"]);
    }
}
