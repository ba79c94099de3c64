//! The values that an export lacks.

use roster_domain::{FieldValue, User, UserField};
use std::collections::BTreeMap;

/// A value that an export lacks, because its format has no place for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The name of the field, as in Roster's own export.
    pub field: &'static str,
    /// How many users have such a value.
    pub users: u64,
}

/// Counts the values that an export lacks.
#[derive(Default)]
pub(super) struct LeftOutCounts(BTreeMap<&'static str, u64>);

impl LeftOutCounts {
    /// Counts a field of one user.
    pub(super) fn add(&mut self, field: &'static str) {
        *self.0.entry(field).or_default() += 1;
    }

    /// Counts those of these fields in which the user has a value.
    pub(super) fn add_set(&mut self, user: &User, fields: impl Iterator<Item = UserField>) {
        for field in fields.filter(|field| has_value(field.value(user))) {
            self.add(field.name());
        }
    }

    pub(super) fn all(&self) -> Vec<LeftOut> {
        self.0.iter().map(|(&field, &users)| LeftOut { field, users }).collect()
    }
}

fn has_value(value: FieldValue<'_>) -> bool {
    match value {
        FieldValue::Attributes(attributes) => !attributes.is_empty(),
        other => !other.is_unset(),
    }
}
