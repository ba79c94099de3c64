//! The keys that seal the signing keys in a database.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use roster_auth::sealing::SealingKeys;
use roster_auth::{Entropy, SystemEntropy};
use roster_config::Settings;
use zeroize::Zeroizing;

use super::files::read_private;
use crate::engine::Sharing;
use crate::private_file::{Existing, PrivateFile, make_folder};

/// The file with the sealing key of a store that only this machine uses, in `data.dir`.
const FILE: &str = "sealing-key";

const NOT_SET: &str = "storage.sealing_key is not set, but it is required with PostgreSQL: it seals the signing keys in the \
    database; generate one with `openssl rand -base64 32` and give the same to every server, for example in a file that \
    ROSTER__STORAGE__SEALING_KEY_FILE names";

/// Where the sealing keys come from: the setting, and then the file, if there is one.
#[derive(Clone)]
pub(super) struct SealingSource {
    setting: Option<Arc<Zeroizing<String>>>,
    /// `None` if several machines use the store, so that a file of one of them is not enough.
    file: Option<PathBuf>,
}

impl SealingSource {
    /// The sealing keys of a store that several machines use, or only this one.
    pub(super) fn of(settings: &Settings, sharing: Sharing) -> Self {
        let setting = settings.storage.sealing_key.as_ref();
        Self {
            setting: setting.map(|keys| Arc::new(Zeroizing::new(keys.expose().to_owned()))),
            file: match sharing {
                Sharing::Shared => None,
                Sharing::Alone => Some(settings.data.dir.join(FILE)),
            },
        }
    }

    /// The file with a key that Roster generated.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Checks the setting. Reads and writes no file.
    ///
    /// # Errors
    /// If it is required and missing, or invalid.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        match (&self.setting, &self.file) {
            (None, None) => Err(anyhow!(NOT_SET)),
            (None, Some(_)) => Ok(()),
            (Some(_), _) => self.configured().map(drop),
        }
    }

    /// The keys that there are; `None` if there is none.
    ///
    /// # Errors
    /// If a key is invalid, inaccessible or readable by others, or the setting is required and missing.
    pub(super) fn keys(&self) -> anyhow::Result<Option<SealingKeys>> {
        self.check()?;
        let (configured, in_file) = (self.configured()?, self.in_file()?);
        Ok(match (configured, in_file) {
            (Some(configured), Some(in_file)) => Some(configured.and(in_file)),
            (configured, in_file) => configured.or(in_file),
        })
    }

    /// The keys; if there is none, generates one in the file.
    ///
    /// # Errors
    /// Those of [`keys`](Self::keys), or if the file cannot be written.
    pub(super) fn keys_or_new(&self) -> anyhow::Result<SealingKeys> {
        if let Some(keys) = self.keys()? {
            return Ok(keys);
        }
        let file = self.file.as_deref().context(NOT_SET)?;
        match write_new(file, &SystemEntropy) {
            Ok(()) => {
                tracing::info!(file = %file.display(), "created the sealing key; keep a copy of it elsewhere");
            }
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write \"{}\"", file.display())),
        }
        self.keys()?.with_context(|| format!("there is no sealing key in \"{}\"", file.display()))
    }

    fn configured(&self) -> anyhow::Result<Option<SealingKeys>> {
        let parse = |text: &Arc<Zeroizing<String>>| SealingKeys::parse(text).context("storage.sealing_key");
        self.setting.as_ref().map(parse).transpose()
    }

    fn in_file(&self) -> anyhow::Result<Option<SealingKeys>> {
        let Some(file) = &self.file else { return Ok(None) };
        let Some(text) = read_private(file)? else { return Ok(None) };
        let keys = SealingKeys::parse(&text).with_context(|| format!("\"{}\" is damaged", file.display()))?;
        Ok(Some(keys))
    }
}

fn write_new(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut file = PrivateFile::beside(path)?;
    writeln!(file, "{}", *SealingKeys::generate(entropy))?;
    file.persist_as(path, Existing::Keep)
}
