//! What the names of fields say about locks.

use crate::fields::field::Field;
use crate::locks::meaning::{LockMeaning, Spelling};
use crate::locks::recognition::meaning_of;
use crate::naming::KnownNames;
use std::cell::RefCell;

type Meaning = Option<(LockMeaning, Spelling)>;

thread_local! {
    static KNOWN: RefCell<KnownNames<Meaning>> = RefCell::default();
}

/// What the field says about a lock, if its name suggests one.
pub(crate) fn lock_meaning(field: &Field) -> Meaning {
    KNOWN.with_borrow_mut(|known| known.get_or_classify(&field.name, meaning_of))
}
