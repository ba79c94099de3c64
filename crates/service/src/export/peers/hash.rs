//! Password hashes, as other systems store them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use roster_auth::password::{Scheme, unwrapped};

/// A hash without what stood before it, and its format.
pub(super) struct KnownHash<'a> {
    pub(super) scheme: Scheme,
    pub(super) text: &'a str,
}

/// The parts of argon2 (RFC 9106) and PBKDF2 in the PHC string format.
pub(super) struct PhcParts<'a> {
    pub(super) algorithm: &'a str,
    pub(super) version: Option<&'a str>,
    parameters: &'a str,
    /// Padded base64.
    pub(super) salt: String,
    /// Padded base64.
    pub(super) digest: String,
    pub(super) digest_len: usize,
}

impl<'a> KnownHash<'a> {
    /// `None` if the format is unknown, which no stored hash is.
    pub(super) fn new(text: &'a str) -> Option<Self> {
        let text = unwrapped(text);
        Some(Self { scheme: Scheme::recognise(text).ok()?, text })
    }

    /// Plain bcrypt as `$2a$` or `$2b$`. `$2y$` is PHP's name for `$2b$`; `$2x$` marks a faulty variant that only few
    /// systems verify.
    pub(super) fn bcrypt(&self) -> Option<String> {
        let is_sound = self.scheme == Scheme::Bcrypt && !self.text.starts_with("$2x$");
        is_sound.then(|| self.text.replacen("$2y$", "$2b$", 1))
    }

    /// argon2 without associated data, which few systems can verify, and with its parameters in the order of the reference
    /// implementation, which many require.
    pub(super) fn argon2(&self) -> Option<String> {
        let phc =
            self.phc().filter(|phc| self.scheme == Scheme::Argon2 && phc.parameter("data").is_none())?;
        let (memory, passes, lanes) = (phc.parameter("m")?, phc.parameter("t")?, phc.parameter("p")?);
        Some(self.text.replacen(phc.parameters, &format!("m={memory},t={passes},p={lanes}"), 1))
    }

    /// The parts of a hash in the PHC string format.
    pub(super) fn phc(&self) -> Option<PhcParts<'a>> {
        let mut parts = self.text.strip_prefix('$')?.split('$').peekable();
        let algorithm = parts.next()?;
        let version = parts.next_if(|part| part.starts_with("v=")).map(|part| &part[2..]);
        let (parameters, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let digest = STANDARD_NO_PAD.decode(digest).ok()?;
        Some(PhcParts {
            algorithm,
            version,
            parameters,
            salt: STANDARD.encode(STANDARD_NO_PAD.decode(salt).ok()?),
            digest_len: digest.len(),
            digest: STANDARD.encode(digest),
        })
    }
}

impl<'a> PhcParts<'a> {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.parameters.split(',').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}
