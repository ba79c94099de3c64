//! Variables that are not ours, and look as if they were meant to be.

use std::ffi::OsString;

use crate::environment::{ALIASES, PREFIX, Place, SECRETS};
use crate::layers::Layers;

/// How alike two names must be, from 0 to 1, for one to be a slip of the other. Strangers set variables too, so
/// this is more than it takes for a setting.
const ALIKE: f64 = 0.8;

impl Layers {
    /// Notes each variable that is not read and was most likely meant to be. It is no fault: somebody else may
    /// well have set it.
    pub(crate) fn note_misspelt(&mut self, place: &Place, variables: &[(OsString, OsString)]) {
        let named = |name: &str| variables.iter().any(|(other, _)| other.to_str() == Some(name));
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            // Kubernetes tells the address of each service so.
            let is_link = value.to_str().is_some_and(|value| value.starts_with("tcp://"));
            if is_link || name.starts_with(PREFIX) || self.resolve(name).is_some() {
                continue;
            }
            if let Some(meant) = self.meant(name).filter(|meant| !named(meant)) {
                self.warnings.push(format!("{} is not read; did you mean {meant}?", place.origin(name)));
            }
        }
    }

    fn meant(&self, name: &str) -> Option<String> {
        let name = name.to_uppercase();
        nearest_alias(&name).or_else(|| {
            let rest = name.strip_prefix("ROSTER_")?;
            let is_meant = |key: &&String| key.replace('.', "_").eq_ignore_ascii_case(rest);
            let key = self.entries.keys().find(is_meant)?;
            Some(format!("{PREFIX}{}", key.to_uppercase().replace('.', "__")))
        })
    }
}

fn nearest_alias(name: &str) -> Option<String> {
    let files =
        ALIASES.iter().filter(|(_, key)| SECRETS.contains(key)).map(|(alias, _)| format!("{alias}_FILE"));
    let known = ALIASES.iter().map(|(alias, _)| (*alias).to_owned()).chain(files);
    known
        .map(|alias| (strsim::normalized_damerau_levenshtein(name, &alias), alias))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, alias)| alias)
}
