//! What only the whole file tells: found by a first pass, kept as 64-bit hashes under a key of this import.

use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};

/// Makes the hashes of one import. Its key is random, so that no file can be made whose names collide.
#[derive(Clone, Copy)]
pub(super) struct NameHasher {
    key: [u8; 16],
}

/// The hash of a name of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameHash(u64);

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NameKind {
    /// The key of a record in a map.
    RecordKey,
    /// A username as the file has it.
    Username,
    Email,
    ExternalId,
    /// The old spelling of a username.
    Alias,
    /// An id that is to be kept.
    Id,
    /// A text that may be a password.
    PasswordText,
}

impl NameHasher {
    pub(super) const fn new(key: [u8; 16]) -> Self {
        Self { key }
    }

    pub(super) fn hash(&self, kind: NameKind, name: &str) -> NameHash {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        kind.hash(&mut hasher);
        name.hash(&mut hasher);
        NameHash(hasher.finish())
    }
}

/// The first pass, while it goes on. Eight bytes for each name of a record: about forty bytes a record.
#[derive(Default)]
pub(super) struct SurveyBuilder {
    names: Vec<NameHash>,
    texts: Vec<NameHash>,
    records: usize,
}

/// What the first pass found.
pub(super) struct Survey {
    /// All names that records really have, sorted.
    names: Box<[NameHash]>,
    /// Those of them that occur more than once, sorted.
    repeated: Box<[NameHash]>,
    /// The texts that too many records share, sorted.
    shared_texts: Box<[NameHash]>,
    records: usize,
}

impl SurveyBuilder {
    pub(super) const fn add_record(&mut self) {
        self.records += 1;
    }

    pub(super) fn add_name_of(&mut self, name: Option<NameHash>) {
        self.names.extend(name);
    }

    pub(super) fn add_text_of(&mut self, text: Option<NameHash>) {
        self.texts.extend(text);
    }

    pub(super) fn add_name(&mut self, name: NameHash) {
        self.names.push(name);
    }

    pub(super) fn finish(mut self) -> Survey {
        /// As many records may have one password by chance.
        const MAY_SHARE: usize = 3;
        self.texts.sort_unstable();
        let shared_texts = beyond(&self.texts, MAY_SHARE);
        drop(self.texts);
        self.names.sort_unstable();
        let repeated = beyond(&self.names, 1);
        self.names.dedup();
        Survey { names: self.names.into_boxed_slice(), repeated, shared_texts, records: self.records }
    }
}

/// Those that occur more often than `most` times in a sorted list, each once.
fn beyond(sorted: &[NameHash], most: usize) -> Box<[NameHash]> {
    let runs = sorted.chunk_by(|one, other| one == other);
    runs.filter(|run| run.len() > most).filter_map(|run| run.first().copied()).collect()
}

impl Survey {
    /// How many records there are.
    pub(super) const fn records(&self) -> usize {
        self.records
    }

    /// Whether a record has this name, by its own account.
    pub(super) fn is_claimed(&self, name: NameHash) -> bool {
        self.names.binary_search(&name).is_ok()
    }

    /// The position among the names that several records have.
    pub(super) fn repeated(&self, name: NameHash) -> Option<usize> {
        self.repeated.binary_search(&name).ok()
    }

    /// How many names several records have.
    pub(super) const fn repeated_len(&self) -> usize {
        self.repeated.len()
    }

    /// Whether too many records have this text for it to be a password.
    pub(super) fn is_shared(&self, text: NameHash) -> bool {
        self.shared_texts.binary_search(&text).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_four_records_is_shared_and_one_of_three_is_not() {
        let hasher = NameHasher::new([7; 16]);
        let mut survey = SurveyBuilder::default();
        for (text, times) in [("rare", 3), ("common", 4)] {
            (0..times).for_each(|_| survey.add_text_of(Some(hasher.hash(NameKind::PasswordText, text))));
        }
        let survey = survey.finish();
        let shared = |text| survey.is_shared(hasher.hash(NameKind::PasswordText, text));
        assert!(shared("common") && !shared("rare") && !shared("unknown"));
    }

    #[test]
    fn a_name_of_two_records_is_repeated_and_kinds_are_apart() {
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
