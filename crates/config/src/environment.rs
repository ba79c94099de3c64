//! Settings from environment variables or a `.env` file.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::layers::Layers;
use crate::secret_keys::may_be_in_file;
use crate::value::{Entry, Value};
use crate::{Origin, SettingError, readable};

/// The prefix of our variables; an unknown variable with this prefix is an error. One underscore would not be enough:
/// Kubernetes sets `ROSTER_PORT` and similar variables for a service named `roster`.
pub(crate) const PREFIX: &str = "ROSTER__";

/// Short names of keys.
pub(crate) const ALIASES: [(&str, &str); 6] = [
    ("DATABASE_URL", "storage.url"),
    ("JWT_SECRET", "auth.jwt_secret"),
    ("RUST_LOG", "log.level"),
    ("ROSTER_ADMIN_USERNAME", "admin.username"),
    ("ROSTER_ADMIN_EMAIL", "admin.email"),
    ("ROSTER_ADMIN_PASSWORD", "admin.password"),
];

/// Keys for which an empty variable is a value. For all others it counts as not set.
const EMPTY_IS_A_VALUE: [&str; 1] = ["auth.audience"];

/// Where variables come from.
pub(crate) enum ValueSource {
    Environment,
    Dotenv(PathBuf),
}

impl ValueSource {
    pub(crate) fn origin(&self, name: &str) -> Origin {
        let name = name.to_owned();
        match self {
            Self::Environment => Origin::Environment { name },
            Self::Dotenv(path) => Origin::Dotenv { path: path.clone(), name },
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Environment => "environment".to_owned(),
            Self::Dotenv(path) => path.display().to_string(),
        }
    }
}

/// How a variable is spelled. If two variables set the same key, the later kind wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spelling {
    Alias,
    Full,
}

/// One of our variables.
struct Variable {
    spelling: Spelling,
    /// Its name, without `_FILE`.
    stem: String,
    key: String,
    from_file: bool,
    value: Zeroizing<String>,
}

impl Variable {
    fn name(&self) -> String {
        if self.from_file { format!("{}_FILE", self.stem) } else { self.stem.clone() }
    }
}

impl Layers {
    /// Applies our variables and ignores all others.
    pub(crate) fn add_variables(&mut self, source: &ValueSource, variables: Vec<(OsString, OsString)>) {
        let mut ours: Vec<Variable> = variables
            .into_iter()
            .filter_map(|(name, value)| self.recognise(source, name.to_str()?, value))
            .collect();
        ours.sort_by(|one, other| {
            (one.spelling, &one.stem, one.from_file).cmp(&(other.spelling, &other.stem, other.from_file))
        });
        for pair in ours.windows(2) {
            if let [one, other] = pair
                && one.stem == other.stem
            {
                self.errors.push(SettingError::Ambiguous { name: one.stem.clone(), location: source.name() });
            }
        }
        for variable in ours {
            self.add_variable(source, variable);
        }
    }

    /// `None` if the variable is not ours, counts as not set, or is an error, which is recorded.
    fn recognise(&mut self, source: &ValueSource, name: &str, value: OsString) -> Option<Variable> {
        let (spelling, stem, key, from_file) = self.resolve(name).or_else(|| {
            if name.starts_with(PREFIX) {
                self.note_unknown(source, name);
            }
            None
        })?;
        let Ok(value) = value.into_string() else {
            let allowed = "text in UTF-8".to_owned();
            self.errors.push(SettingError::Invalid {
                key,
                value: None,
                origin: source.origin(name),
                allowed,
            });
            return None;
        };
        let value = Zeroizing::new(value);
        let is_set = !value.is_empty() || EMPTY_IS_A_VALUE.contains(&key.as_str());
        is_set.then_some(Variable { spelling, stem, key, from_file, value })
    }

    /// For one of our variables: its spelling, its name without `_FILE`, the key, and whether it had `_FILE`.
    pub(crate) fn resolve(&self, name: &str) -> Option<(Spelling, String, String, bool)> {
        let direct = |stem: &str| {
            if let Some(rest) = stem.strip_prefix(PREFIX) {
                let key = rest.to_lowercase().replace("__", ".");
                return self.entries.contains_key(&key).then_some((Spelling::Full, key));
            }
            let (_, key) = ALIASES.into_iter().find(|(alias, _)| *alias == stem)?;
            Some((Spelling::Alias, key.to_owned()))
        };
        if let Some((spelling, key)) = direct(name) {
            return Some((spelling, name.to_owned(), key, false));
        }
        let stem = name.strip_suffix("_FILE")?;
        let (spelling, key) = direct(stem)?;
        may_be_in_file(&key).then(|| (spelling, stem.to_owned(), key, true))
    }

    fn note_unknown(&mut self, source: &ValueSource, name: &str) {
        let key = name.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
        let nearest =
            self.nearest(&key).map(|key| format!("{PREFIX}{}", key.to_uppercase().replace('.', "__")));
        self.errors.push(SettingError::Unknown {
            name: name.to_owned(),
            origin: source.origin(name),
            nearest,
        });
    }

    fn add_variable(&mut self, source: &ValueSource, variable: Variable) {
        let origin = source.origin(&variable.name());
        let value = if variable.from_file {
            let path = PathBuf::from(variable.value.as_str());
            match read_secret(&path) {
                Ok(text) => {
                    self.warnings.extend(readable::warning(&path));
                    text
                }
                Err(source) => {
                    return self.errors.push(SettingError::UnreadableSecret {
                        path: named(path),
                        origin,
                        source,
                    });
                }
            }
        } else {
            variable.value
        };
        self.entries.insert(variable.key, Entry { value: Value::Text(value), origin });
    }
}

/// The path, unless it may be the secret itself, given by mistake. A path counts as one if its folder exists.
fn named(path: PathBuf) -> Option<PathBuf> {
    let is_path = path.parent().is_some_and(|folder| folder.parent().is_some() && folder.is_dir());
    is_path.then_some(path)
}

/// The content of a secret file, without a byte order mark and without the trailing newline of an editor or `echo`.
pub(crate) fn read_secret(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let secret = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text);
    Ok(Zeroizing::new(secret.to_owned()))
}
