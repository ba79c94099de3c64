//! What the first pass collects about the whole file, as 64-bit hashes under a random key.

use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};

/// The most memory that an import uses for each record, in bytes, besides a few megabytes.
pub const MAX_BYTES_PER_RECORD: usize = 100;

/// Hashes the names of one import. Use a random key, so that no file can be crafted whose names collide.
#[derive(Clone, Copy)]
pub struct NameHasher {
    key: [u8; 16],
}

/// The hash of a name and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameHash(u64);

/// What a name identifies. Equal names of different kinds have different hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// The key of a record in a map.
    RecordKey,
    /// A username as the file has it.
    Username,
    /// An email address, by its key.
    Email,
    /// An external id.
    ExternalId,
    /// The original spelling of a username.
    Alias,
    /// An id that the import keeps.
    Id,
    /// A text that may be a password.
    PasswordText,
}

impl NameHasher {
    /// A hasher with this key.
    #[must_use]
    pub const fn new(key: [u8; 16]) -> Self {
        Self { key }
    }

    /// The hash of a name.
    #[must_use]
    pub fn hash(&self, kind: NameKind, name: &str) -> NameHash {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        kind.hash(&mut hasher);
        name.hash(&mut hasher);
        NameHash(hasher.finish())
    }
}

/// Collects the survey during the first pass. Eight bytes for each name of a record, about forty bytes per record.
#[derive(Default)]
pub(crate) struct SurveyBuilder {
    names: Vec<NameHash>,
    texts: Vec<NameHash>,
    records: usize,
}

/// What the first pass found.
pub struct Survey {
    /// All names in the records, sorted. Generated usernames are not among them.
    names: Box<[NameHash]>,
    /// The names that occur more than once, sorted.
    repeated: Box<[NameHash]>,
    /// The password texts that too many records share, sorted.
    shared_texts: Box<[NameHash]>,
    records: usize,
}

impl SurveyBuilder {
    /// Counts a record, and returns the count.
    pub(crate) const fn add_record(&mut self) -> usize {
        self.records += 1;
        self.records
    }

    pub(crate) fn add_name(&mut self, name: NameHash) {
        self.names.push(name);
    }

    pub(crate) fn add_text(&mut self, text: NameHash) {
        self.texts.push(text);
    }

    pub(crate) fn finish(mut self) -> Survey {
        /// This many records may have the same password by chance.
        const MAX_SHARING: usize = 3;
        self.texts.sort_unstable();
        let shared_texts = more_often_than(MAX_SHARING, &self.texts);
        drop(self.texts);
        self.names.sort_unstable();
        let repeated = more_often_than(1, &self.names);
        self.names.dedup();
        Survey { names: self.names.into_boxed_slice(), repeated, shared_texts, records: self.records }
    }
}

/// The hashes that occur more than `max` times in a sorted list, each once.
fn more_often_than(max: usize, sorted: &[NameHash]) -> Box<[NameHash]> {
    let runs = sorted.chunk_by(|one, other| one == other);
    runs.filter(|run| run.len() > max).filter_map(|run| run.first().copied()).collect()
}

impl Survey {
    /// The number of records in the file.
    #[must_use]
    pub const fn records(&self) -> usize {
        self.records
    }

    /// Whether a record has this name. Usernames that the import generates do not count.
    #[must_use]
    pub fn is_claimed(&self, name: NameHash) -> bool {
        self.names.binary_search(&name).is_ok()
    }

    /// The index of a name among the repeated ones, from 0 to [`Self::repeated_len`]; `None` if at most one record has it.
    #[must_use]
    pub fn repeated(&self, name: NameHash) -> Option<usize> {
        self.repeated.binary_search(&name).ok()
    }

    /// The number of names that occur more than once.
    #[must_use]
    pub const fn repeated_len(&self) -> usize {
        self.repeated.len()
    }

    /// Whether too many records share this text for it to be a password.
    pub(crate) fn is_shared(&self, text: NameHash) -> bool {
        self.shared_texts.binary_search(&text).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shared_from_four_records_on() {
        let hasher = NameHasher::new([7; 16]);
        let mut survey = SurveyBuilder::default();
        for (text, times) in [("rare", 3), ("common", 4)] {
            (0..times).for_each(|_| survey.add_text(hasher.hash(NameKind::PasswordText, text)));
        }
        let survey = survey.finish();
        let shared = |text| survey.is_shared(hasher.hash(NameKind::PasswordText, text));
        assert!(shared("common") && !shared("rare") && !shared("unknown"));
    }

    #[test]
    fn a_name_is_repeated_if_two_records_have_it_as_the_same_kind() {
        let hasher = NameHasher::new([7; 16]);
        let mut survey = SurveyBuilder::default();
        for (kind, name) in [
            (NameKind::Username, "ann"),
            (NameKind::Alias, "ann"),
            (NameKind::Email, "x"),
            (NameKind::Email, "x"),
        ] {
            survey.add_name(hasher.hash(kind, name));
        }
        let survey = survey.finish();
        assert!(survey.is_claimed(hasher.hash(NameKind::Username, "ann")));
        assert_eq!(survey.repeated(hasher.hash(NameKind::Username, "ann")), None);
        assert_eq!(survey.repeated(hasher.hash(NameKind::Email, "x")), Some(0));
    }
}
