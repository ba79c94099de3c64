//! The key that signs access tokens.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use roster_auth::Entropy;
use roster_auth::token::{KeyAlgorithm, SigningKey};
use roster_config::Settings;
use zeroize::Zeroizing;

use crate::private_file::{Existing, PrivateFile, make_folder};

/// The name of the key's file in `data.dir`.
const FILE: &str = "signing-key.pem";

/// The key to sign with: the configured secret, or the Ed25519 key that is kept in `data.dir`, made at the
/// first start.
///
/// # Errors
/// If the secret is too short, or the key's file is damaged, readable by others, or out of reach.
pub(crate) fn signing_key(settings: &Settings, entropy: &dyn Entropy) -> anyhow::Result<SigningKey> {
    match &settings.auth.jwt_secret {
        Some(secret) => SigningKey::from_secret(secret.expose().as_bytes()).context("auth.jwt_secret"),
        None => kept_key(&settings.data.dir, entropy),
    }
}

/// A key that is forgotten when the process ends, for commands that issue no tokens.
///
/// # Errors
/// None in practice: what is generated can be read.
pub(crate) fn passing_key(entropy: &dyn Entropy) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::from_pem(&SigningKey::generate_pem(KeyAlgorithm::EdDsa, entropy)?)?)
}

fn kept_key(folder: &Path, entropy: &dyn Entropy) -> anyhow::Result<SigningKey> {
    let path = folder.join(FILE);
    let pem = match read_private(&path)? {
        Some(pem) => pem,
        None => make(folder, &path, entropy)
            .with_context(|| format!("cannot keep a signing key in \"{}\"", path.display()))?,
    };
    SigningKey::from_pem(&pem).with_context(|| {
        format!(
            "the signing key in \"{}\" is damaged; put it back from a backup, or move it away and a new one is \
             made (everybody then has to log in again)",
            path.display()
        )
    })
}

/// What a file says that nobody but its owner may read; `None` if it is not there.
fn read_private(path: &Path) -> anyhow::Result<Option<Zeroizing<String>>> {
    let mut text = Zeroizing::new(String::new());
    let mut read = || -> io::Result<u32> {
        let mut file = File::open(path)?;
        let mode = file.metadata()?.permissions().mode();
        file.read_to_string(&mut text)?;
        Ok(mode)
    };
    match read() {
        Ok(mode) if mode & 0o077 != 0 => bail!(
            "the signing key in \"{0}\" can be read by others; run: chmod 600 \"{0}\" (and if others may have \
             read it, remove it: a new one is made)",
            path.display()
        ),
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        // Bytes that are no text are a damaged key, which the reader of the PEM says better.
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(Zeroizing::new(String::new()))),
        Err(error) => {
            Err(error).with_context(|| format!("cannot read the signing key in \"{}\"", path.display()))
        }
    }
}

fn make(folder: &Path, path: &Path, entropy: &dyn Entropy) -> io::Result<Zeroizing<String>> {
    make_folder(folder)?;
    let pem = SigningKey::generate_pem(KeyAlgorithm::EdDsa, entropy).map_err(io::Error::other)?;
    let mut file = PrivateFile::beside(path)?;
    file.write_all(pem.as_bytes())?;
    file.keep_as(path, Existing::Keep)?;
    tracing::info!(file = %path.display(), "made the key that signs access tokens");
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_auth::SystemEntropy;
    use std::fs::{self, Permissions};

    fn key_id(folder: &Path) -> anyhow::Result<String> {
        kept_key(folder, &SystemEntropy).map(|key| key.verifying_key().id().unwrap().to_string())
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = key_id(&data).unwrap();
        assert_eq!(key_id(&data).unwrap(), first);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join(FILE))), (0o700, 0o600));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        key_id(folder.path()).unwrap();
        fs::set_permissions(folder.path().join(FILE), Permissions::from_mode(0o640)).unwrap();
        assert!(key_id(folder.path()).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for bytes in [&b""[..], b"-----BEGIN", b"\xff\xfe"] {
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            assert!(key_id(folder.path()).unwrap_err().to_string().contains("is damaged"));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
}
