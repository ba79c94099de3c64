//! Files that contain a key.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roster_auth::token::{KeyAlgorithm, KeyError, KeyId, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// The maximum size of a key file, in bytes; larger than any key.
const MAX_SIZE: u64 = 64 * 1024;

/// Whether a configured file may contain a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SharedSecrets {
    /// It may contain one.
    Accepted,
    /// It must not, because nothing would distinguish Roster's tokens from those of other programs that share the
    /// secret.
    Rejected,
}

/// A configured key file: PEM or JWK.
pub(super) struct KeyFile {
    path: PathBuf,
    text: Zeroizing<String>,
}

/// The keys in the configured files.
pub(super) struct KeyFiles {
    /// The key that signs: the shared secret, or the key in the first file.
    pub(super) signing: Option<SigningKey>,
    /// The keys whose tokens are accepted, each with its location.
    accepted: Vec<(VerifyingKey, String)>,
    /// The errors of the files.
    pub(super) errors: Vec<anyhow::Error>,
}

impl KeyFile {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            read_text(path).with_context(|| format!("cannot read the key in \"{}\"", path.display()))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// Parses the key. It must be able to sign.
    pub(super) fn signing_key(&self) -> anyhow::Result<SigningKey> {
        let key =
            if self.is_jwk() { SigningKey::from_jwk(&self.text) } else { SigningKey::from_pem(&self.text) };
        key.with_context(|| self.description())
    }

    /// Parses the key whose tokens are accepted. A shared secret must be allowed by the settings.
    pub(super) fn accepted_key(&self, shared: SharedSecrets) -> anyhow::Result<VerifyingKey> {
        let key = self.verifying_key()?;
        if shared == SharedSecrets::Rejected && key.algorithm() == KeyAlgorithm::Hs256 {
            bail!(
                "{} is a shared secret, auth.audience is empty and auth.token_type is JWT: tokens that other programs sign \
                 with it would look like Roster's; set auth.issuer to a name or URL that no other program uses",
                self.description()
            );
        }
        Ok(key)
    }

    /// Parses the key that verifies its tokens. A public key is sufficient.
    fn verifying_key(&self) -> anyhow::Result<VerifyingKey> {
        let public = if self.is_jwk() {
            VerifyingKey::from_jwk(&self.text)
        } else {
            VerifyingKey::from_pem(&self.text)
        };
        match public {
            Err(KeyError::Private) => Ok(self.signing_key()?.verifying_key().clone()),
            other => other.with_context(|| self.description()),
        }
    }

    fn is_jwk(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    fn description(&self) -> String {
        format!("the key in \"{}\"", self.path.display())
    }
}

impl KeyFiles {
    /// Reads all files. If there is no shared secret, the first file must contain the key that signs.
    pub(super) fn read(paths: &[PathBuf], secret: Option<SigningKey>, shared: SharedSecrets) -> Self {
        let known = secret.iter().map(|key| (key.verifying_key().clone(), "auth.jwt_secret".to_owned()));
        let mut read = Self { accepted: known.collect(), signing: secret, errors: Vec::new() };
        for (number, path) in paths.iter().enumerate() {
            if let Err(error) = read.add(path, number, shared) {
                read.errors.push(error);
            }
        }
        read
    }

    /// The keys whose tokens are accepted.
    pub(super) fn into_accepted(self) -> impl Iterator<Item = VerifyingKey> {
        self.accepted.into_iter().map(|(key, _)| key)
    }

    fn add(&mut self, path: &Path, number: usize, shared: SharedSecrets) -> anyhow::Result<()> {
        let file = KeyFile::read(path)?;
        let key = file.accepted_key(shared)?;
        if let Some((_, first)) = self.accepted.iter().find(|(other, _)| other.id() == key.id()) {
            let kid = key.id().map_or("none", KeyId::as_str);
            bail!(
                "{} has the same kid as {first} ({kid}); leave one out of auth.key_files",
                file.description()
            );
        }
        if number == 0 && self.signing.is_none() {
            self.signing = Some(file.signing_key()?);
        }
        self.accepted.push((key, file.description()));
        Ok(())
    }
}

/// Reads a file that only its owner can read; `None` if it does not exist.
pub(super) fn read_private(path: &Path) -> anyhow::Result<Option<Zeroizing<String>>> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => bail!(
            "the signing key in \"{0}\" can be read by others; run: chmod 600 \"{0}\" (if others may have \
             read it, revoke the key: `roster keys revoke`)",
            path.display()
        ),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the key in \"{}\"", path.display()));
        }
    }
    match read_text(path) {
        Ok(text) => Ok(Some(text)),
        // Bytes that are not UTF-8 are a damaged key. The PEM parser reports it with a better message.
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(Zeroizing::new(String::new()))),
        Err(error) => Err(error).with_context(|| format!("cannot read the key in \"{}\"", path.display())),
    }
}

/// Whether every account on the machine can read the file.
pub(super) fn readable_by_all(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
}

fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(MAX_SIZE).read_to_string(&mut text)?;
    Ok(text)
}
