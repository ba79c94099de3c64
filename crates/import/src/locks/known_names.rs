//! The meanings of the field names so far: the records of a file have the same few names.

use crate::fields::field::Field;
use crate::locks::meaning::{LockMeaning, Spelling};
use crate::locks::recognition::meaning_of;
use std::cell::RefCell;
use std::collections::HashMap;

type Meaning = Option<(LockMeaning, Spelling)>;

/// How many names are kept. A file with more has data in its names.
const MAX_KNOWN: usize = 256;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Meaning>> = RefCell::default();
}

/// What the field says about a lock, if its name suggests one.
pub(crate) fn lock_meaning(field: &Field) -> Meaning {
    KNOWN.with_borrow_mut(|known| {
        if let Some(meaning) = known.get(&field.name) {
            return *meaning;
        }
        let meaning = meaning_of(&field.name);
        if known.len() < MAX_KNOWN {
            known.insert(field.name.clone(), meaning);
        }
        meaning
    })
}
