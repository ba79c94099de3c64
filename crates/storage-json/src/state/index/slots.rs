//! The slots of an index and of the one that replaces it.

use std::sync::Arc;

use roster_domain::{User, UserId};

/// Stands for a user whose values have to be looked up.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Which values of the old index the new one takes over.
pub(super) struct Slots {
    /// For each old slot the new one, or [`UNKNOWN`] if the user changed or is gone.
    pub(super) new: Vec<u32>,
    /// For each new slot the old one, or [`UNKNOWN`] if the user changed or is new.
    pub(super) old: Vec<u32>,
    /// The new slots of the users who changed or are new.
    pub(super) fresh: Vec<u32>,
}

impl Slots {
    /// Matches the old ids with the new users. Both and `changed` are sorted by id.
    pub(super) fn match_up(
        old: &[UserId],
        users: &[&Arc<User>],
        changed: impl Iterator<Item = UserId>,
    ) -> Self {
        let mut slots =
            Self { new: vec![UNKNOWN; old.len()], old: Vec::with_capacity(users.len()), fresh: Vec::new() };
        let mut changed = changed.peekable();
        let mut known = (0_u32..).zip(old).peekable();
        for (slot, user) in (0_u32..).zip(users) {
            while changed.next_if(|id| *id < user.id).is_some() {}
            while known.next_if(|(_, id)| **id < user.id).is_some() {}
            let has_changed = changed.peek() == Some(&user.id);
            let before = known.peek().filter(|(_, id)| **id == user.id && !has_changed).map(|(at, _)| *at);
            match before {
                Some(before) => slots.new[before as usize] = slot,
                None => slots.fresh.push(slot),
            }
            slots.old.push(before.unwrap_or(UNKNOWN));
        }
        slots
    }
}
