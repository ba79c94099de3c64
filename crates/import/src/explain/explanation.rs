//! What the fields of a file are taken for.

use crate::explain::field_use::FieldUse;
use crate::explain::mask::masked;
use crate::fields::field::Fields;
use crate::fields::values::is_empty;
use crate::report::location::Escaped;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What each field of a file is taken for. Nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The name of the file; `None` if it is the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The format of the file.
    pub format: &'static str,
    /// The number of records.
    pub records: usize,
    /// The number of records that cannot become users by themselves.
    pub refused: usize,
    /// The fields in the order in which they were found, at most 1,000.
    pub fields: Vec<ExplainedField>,
    #[serde(skip)]
    index: BTreeMap<String, usize>,
}

/// A field of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedField {
    /// Its name in the file.
    pub name: String,
    /// What it is taken for, and in how many records.
    pub uses: BTreeMap<FieldUse, usize>,
    /// Up to three masked values.
    pub examples: Vec<String>,
}

/// The fields of one record that were not taken yet.
pub(crate) type Untaken = BTreeMap<String, Value>;

impl Explanation {
    const MAX_FIELDS: usize = 1_000;
    const MAX_EXAMPLES: usize = 3;

    pub(crate) fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Notes that the fields in `before` that are no longer in `after` were taken for `field_use`.
    pub(crate) fn add_taken(&mut self, before: &mut Untaken, after: &Fields, field_use: Option<FieldUse>) {
        let left = untaken(after);
        let taken: Vec<(String, Value)> = before
            .iter()
            .filter(|(name, _)| !left.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (name, value) in taken {
            let field_use = field_use.unwrap_or_else(|| FieldUse::of_name(&name));
            self.add(&name, &value, field_use);
        }
        *before = left;
    }

    /// Notes the use of a field in one record.
    pub(crate) fn add(&mut self, name: &str, value: &Value, field_use: FieldUse) {
        let index = match self.index.get(name) {
            Some(index) => *index,
            None if self.fields.len() == Self::MAX_FIELDS => return,
            None => {
                let field =
                    ExplainedField { name: name.to_owned(), uses: BTreeMap::new(), examples: Vec::new() };
                self.fields.push(field);
                self.index.insert(name.to_owned(), self.fields.len() - 1);
                self.fields.len() - 1
            }
        };
        if is_empty(value) {
            return;
        }
        let Some(field) = self.fields.get_mut(index) else { return };
        *field.uses.entry(field_use).or_default() += 1;
        if field.examples.len() < Self::MAX_EXAMPLES {
            let example = masked(value, field_use);
            if !field.examples.contains(&example) {
                field.examples.push(example);
            }
        }
    }
}

/// The fields that were not taken yet.
pub(crate) fn untaken(fields: &Fields) -> Untaken {
    fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = if self.records == 1 { "record" } else { "records" };
        if let Some(file) = &self.file {
            write!(f, "{}: ", Escaped(file))?;
        }
        writeln!(f, "{} with {} {records}; nothing was written", self.format, self.records)?;
        if self.refused > 0 {
            writeln!(f, "  {} of them would be refused: --dry-run says why", self.refused)?;
        }
        for field in &self.fields {
            let uses: Vec<String> = field.uses.keys().map(ToString::to_string).collect();
            let uses = if uses.is_empty() { "empty everywhere".to_owned() } else { uses.join(", ") };
            write!(f, "  {}: {uses}", Escaped(&field.name))?;
            if !field.examples.is_empty() {
                write!(f, " ({})", field.examples.join("; "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
