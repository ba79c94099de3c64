//! Warnings about unused variables that look like misspelt ones of ours.

use std::ffi::OsString;

use crate::environment::{ALIASES, PREFIX, ValueSource};
use crate::import_password::is_variable;
use crate::layers::Layers;
use crate::nearest::nearest;
use crate::secret_keys::may_be_in_file;

/// A prefix that other programs' variables rarely have.
const OUR_PREFIX: &str = "ROSTER_";

/// How similar, from 0 to 1, an unknown name must be to one of ours to count as misspelt.
const MIN_SIMILARITY: f64 = 0.8;

/// Names that people use to set the path of the settings file.
const CONFIG_FILE: [&str; 3] = ["CONFIG", "CONFIG_FILE", "CONFIG_PATH"];

impl Layers {
    /// Warns about each unused variable that looks like one of Roster's. It is not an error, since another program may
    /// use it.
    pub(crate) fn note_misspelt(&mut self, source: &ValueSource, variables: &[(OsString, OsString)]) {
        let named = |name: &str| variables.iter().any(|(other, _)| other.to_str() == Some(name));
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let is_read = name.starts_with(PREFIX) || self.resolve(name).is_some() || is_variable(name);
            if is_read || value.is_empty() || is_link(name, value.to_str().unwrap_or_default()) {
                continue;
            }
            let advice = match name.to_uppercase().strip_prefix(OUR_PREFIX) {
                Some(rest) => Some(self.advice(rest, named)),
                None => nearest_alias(name).filter(|meant| !named(meant)).map(|meant| question(&meant)),
            };
            if let Some(advice) = advice {
                self.warnings.push(format!("{} is not read; {advice}", source.origin(name)));
            }
        }
    }

    /// What to do about a variable with this name after [`OUR_PREFIX`].
    fn advice(&self, rest: &str, named: impl Fn(&str) -> bool) -> String {
        if CONFIG_FILE.contains(&rest) {
            return "use --config to name the file".to_owned();
        }
        self.meant(rest)
            .filter(|meant| !named(meant))
            .map_or_else(|| "`roster config show` lists every setting".to_owned(), |meant| question(&meant))
    }

    /// The variable that has the same ending, or is most similar.
    fn meant(&self, rest: &str) -> Option<String> {
        let rest = rest.trim_start_matches('_').replace("__", "_");
        let ends_so = |name: &String| {
            let name = name.replace("__", "_");
            name.strip_suffix(&*rest).is_some_and(|before| before.is_empty() || before.ends_with('_'))
        };
        nearest_alias(&format!("{OUR_PREFIX}{rest}"))
            .or_else(|| aliases().chain(self.entries.keys().map(|key| variable(key))).find(ends_so))
            .or_else(|| self.most_similar(&rest))
    }

    fn most_similar(&self, rest: &str) -> Option<String> {
        let known: Vec<_> =
            self.entries.keys().map(|key| (key.to_uppercase().replace('.', "_"), key)).collect();
        let near = nearest(rest, known.iter().map(|(name, _)| name.as_str()))?;
        known.iter().find(|(name, _)| name == near).map(|(_, key)| variable(key))
    }
}

/// The full name of the variable for a setting.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

fn question(meant: &str) -> String {
    format!("did you mean {meant}?")
}

/// Whether Kubernetes or a container engine has set this as the address of a service named `roster`.
fn is_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let of_port =
        name.split_once("_PORT_").is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()));
    let of_service = ["_SERVICE_HOST", "_SERVICE_PORT"].iter().any(|end| name.ends_with(end));
    is_address || of_port || of_service || name.contains("_SERVICE_PORT_")
}

/// All short names, including those that name a file.
fn aliases() -> impl Iterator<Item = String> {
    let in_file = |(alias, key): &(&str, &str)| may_be_in_file(key).then(|| format!("{alias}_FILE"));
    ALIASES.iter().map(|(alias, _)| (*alias).to_owned()).chain(ALIASES.iter().filter_map(in_file))
}

fn nearest_alias(name: &str) -> Option<String> {
    let name = name.to_uppercase();
    aliases()
        .map(|alias| (strsim::normalized_damerau_levenshtein(&name, &alias), alias))
        .filter(|(likeness, _)| *likeness >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, alias)| alias)
}
