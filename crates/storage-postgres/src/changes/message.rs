//! The messages.

use roster_storage::{Entity, Invalidate};

/// The channel of all servers that share the database.
pub(super) const CHANNEL: &str = "roster_changes";

/// Instead of entities: anything may have changed.
const EVERYTHING: &str = "*";

/// The longest payload that PostgreSQL accepts.
const MOST_BYTES: usize = 7999;

/// How many entities are in a message, each followed by a space.
const MOST_ENTITIES: usize = MOST_BYTES / (Entity::TEXT_LEN + 1);

/// Tells all servers that anything may have changed. In a transaction, it takes effect with the commit.
pub(crate) fn notify_all() -> String {
    format!("NOTIFY {CHANNEL}, '{EVERYTHING}'")
}

/// The message that anything may have changed.
pub(super) fn everything() -> String {
    EVERYTHING.to_owned()
}

/// The messages about these entities.
pub(super) fn messages(entities: &[Entity]) -> Vec<String> {
    let message = |part: &[Entity]| part.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    entities.chunks(MOST_ENTITIES).map(message).collect()
}

/// Invalidates what a message names. A word that this version does not know is about something that it does not keep.
pub(super) fn apply(message: &str, cache: &dyn Invalidate) {
    for word in message.split(' ') {
        if word == EVERYTHING {
            cache.invalidate_all();
        } else if let Ok(entity) = word.parse() {
            cache.invalidate(entity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use roster_domain::UserId;
    use uuid::Uuid;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Option<Entity>>>);

    impl Invalidate for Heard {
        fn invalidate(&self, entity: Entity) {
            self.0.lock().push(Some(entity));
        }

        fn invalidate_all(&self) {
            self.0.lock().push(None);
        }
    }

    #[test]
    fn many_entities_take_several_messages_that_postgres_accepts() {
        let entities: Vec<_> =
            (0..1000).map(|number| Entity::User(UserId::from(Uuid::from_u128(number)))).collect();
        let messages = messages(&entities);
        assert!(messages.iter().all(|message| message.len() <= MOST_BYTES));
        assert!(messages.len() < 6, "{}", messages.len());
        let heard = Heard::default();
        for message in &messages {
            apply(message, &heard);
        }
        assert_eq!(*heard.0.lock(), entities.into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn words_of_a_newer_version_are_passed_over() {
        let heard = Heard::default();
        let user = Entity::User(UserId::from(Uuid::from_u128(1)));
        apply(&format!("z1 {user}  nonsense *"), &heard);
        assert_eq!(*heard.0.lock(), [Some(user), None]);
    }
}
