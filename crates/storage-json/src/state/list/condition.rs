//! The condition of a query, for users in the index.

use memchr::memmem::Finder;
use roster_domain::UserFilter;

use super::super::State;
use super::super::index::{FactFilter, Index};

/// The filter of a query, and that the index still has the current values of a user.
pub(super) struct Condition<'a> {
    index: &'a Index,
    facts: FactFilter,
    text: Text,
    /// A bit for each slot whose user changed; empty if nobody did.
    changed: Vec<u64>,
}

/// What is searched for.
enum Text {
    Any,
    Needle(Box<Finder<'static>>),
    /// A text that nobody can have.
    Impossible,
}

impl<'a> Condition<'a> {
    pub(super) fn new(state: &'a State, filter: &UserFilter) -> Self {
        let index = &*state.index;
        let words = if state.changed.len() == 0 { 0 } else { index.len().div_ceil(64) };
        let mut changed = vec![0; words];
        for slot in state.changed.slots() {
            if let Some(word) = changed.get_mut(slot as usize / 64) {
                *word |= 1 << (slot % 64);
            }
        }
        let facts = index.facts().filter(filter.status, filter.role.as_ref());
        Self { index, facts, text: Text::of(filter), changed }
    }

    /// Whether the index has the current values of the user in this slot.
    pub(super) fn is_current(&self, slot: u32) -> bool {
        self.changed.get(slot as usize / 64).is_none_or(|word| word & (1 << (slot % 64)) == 0)
    }

    /// Whether the user in this slot matches.
    pub(super) fn holds(&self, slot: u32) -> bool {
        let has_text = || match &self.text {
            Text::Any => true,
            Text::Needle(needle) => self.index.texts().contain(needle, slot),
            Text::Impossible => false,
        };
        self.is_current(slot) && self.index.facts().meet(&self.facts, slot) && has_text()
    }

    /// The slots of all users who match, in any order.
    pub(super) fn slots(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        let others = |slot: &u32| self.is_current(*slot) && self.index.facts().meet(&self.facts, *slot);
        match &self.text {
            Text::Any => Box::new((0..).take(self.index.len()).filter(others)),
            Text::Needle(needle) => Box::new(self.index.texts().slots_with(needle).filter(others)),
            Text::Impossible => Box::new(std::iter::empty()),
        }
    }
}

impl Text {
    fn of(filter: &UserFilter) -> Self {
        match filter.text.as_ref().map(|text| text.to_lowercase()) {
            None => Self::Any,
            // The texts of a user are separated by it.
            Some(text) if text.contains('\n') => Self::Impossible,
            Some(text) => Self::Needle(Box::new(Finder::new(&text).into_owned())),
        }
    }
}
