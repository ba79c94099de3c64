//! Reads the layers in order of precedence.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::document::{self, DocumentValue};
use crate::dotenv;
use crate::environment::ValueSource;
use crate::layers::Layers;
use crate::readable;
use crate::secret_keys::is_secret;
use crate::sources::{ConfigFile, Sources};
use crate::value::Entry;
use crate::{Origin, SettingError};

/// The defaults, which are also the list of all keys.
const DEFAULTS: &str = include_str!("../../../config/default.toml");

impl Layers {
    /// The defaults, overridden by `sources`.
    pub(crate) fn read(sources: Sources) -> Self {
        let mut layers = Self::default();
        layers.add_defaults();
        layers.add_file(sources.config_file);
        if let Some(path) = sources.dotenv {
            layers.add_dotenv(path, &sources.environment);
        }
        layers.add_source(&ValueSource::Environment, sources.environment);
        layers
    }

    fn add_defaults(&mut self) {
        for line in self.document(Path::new("config/default.toml"), DEFAULTS) {
            if let DocumentValue::Value(value) = line.value {
                self.entries.insert(line.key, Entry { value, origin: Origin::Default });
            }
        }
    }

    fn add_file(&mut self, file: ConfigFile) {
        let found = match file {
            ConfigFile::None => None,
            ConfigFile::FirstPresent(paths) => first_present(paths),
            ConfigFile::Required(path) => Some((fs::read_to_string(&path), path)),
        };
        match found {
            Some((Ok(text), path)) => {
                self.add_document(&path, &Zeroizing::new(text));
                self.file = Some(path);
            }
            Some((Err(source), path)) => self.errors.push(SettingError::Unreadable { path, source }),
            None => {}
        }
    }

    fn add_document(&mut self, path: &Path, text: &str) {
        let lines = self.document(path, text);
        let has_secret = |line: &document::Line| is_secret(&line.key) && line.value.is_set();
        if lines.iter().any(has_secret) {
            self.warnings.extend(readable::warning(path));
        }
        for line in lines {
            let origin = Origin::File { path: path.to_owned(), line: line.number };
            if !self.entries.contains_key(&line.key) {
                let nearest = self.nearest(&line.key).map(str::to_owned);
                self.errors.push(SettingError::Unknown { name: line.key, origin, nearest });
                continue;
            }
            match line.value {
                DocumentValue::Value(value) => {
                    self.entries.insert(line.key, Entry { value, origin });
                }
                DocumentValue::Unsupported(kind) => self.errors.push(SettingError::Invalid {
                    key: line.key,
                    value: Some(kind.to_owned()),
                    origin,
                    allowed: "a single value or a list of them".to_owned(),
                }),
            }
        }
    }

    fn document(&mut self, path: &Path, text: &str) -> Vec<document::Line> {
        document::lines(text.trim_start_matches('\u{feff}')).unwrap_or_else(|fault| {
            let path = path.to_owned();
            self.errors.push(SettingError::Syntax { path, line: fault.line, message: fault.message });
            Vec::new()
        })
    }

    fn add_dotenv(&mut self, path: PathBuf, environment: &[(OsString, OsString)]) {
        let is_set = |name: &str| environment.iter().any(|(known, _)| *known == *name);
        match read_if_present(&path).map(|text| text.map(Zeroizing::new)) {
            Ok(Some(text)) => {
                self.warnings.extend(readable::warning(&path));
                let variables = dotenv::parse(&path, &text, is_set, &mut self.errors);
                self.add_source(&ValueSource::Dotenv(path), variables);
            }
            Ok(None) => {}
            Err(source) => self.errors.push(SettingError::Unreadable { path, source }),
        }
    }

    fn add_source(&mut self, source: &ValueSource, variables: Vec<(OsString, OsString)>) {
        self.note_misspelt(source, &variables);
        self.add_variables(source, variables);
    }
}

/// The first file that exists.
fn first_present(paths: Vec<PathBuf>) -> Option<(io::Result<String>, PathBuf)> {
    paths.into_iter().find_map(|path| Some((read_if_present(&path).transpose()?, path)))
}

fn read_if_present(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
