//! Signs as in Standard Webhooks (<https://github.com/standard-webhooks/standard-webhooks>).
//!
//! The crate `standardwebhooks` 1.0.1 is not used: it brings along `base64` 0.21, `time` and another HMAC, for one line of code.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The prefix of a secret.
const PREFIX: &str = "whsec_";

/// Signs requests. Both sides know the key.
pub(super) struct Signer {
    key: Zeroizing<Vec<u8>>,
}

impl Signer {
    /// Signs with this secret: `whsec_` and base64.
    ///
    /// # Errors
    /// If it has another form.
    pub(super) fn new(secret: &str) -> anyhow::Result<Self> {
        let encoded = secret.strip_prefix(PREFIX).context("expected whsec_ and base64")?;
        let key = STANDARD.decode(encoded).ok().context("expected whsec_ and base64")?;
        Ok(Self { key: Zeroizing::new(key) })
    }

    /// The header `Webhook-Signature` of a message.
    pub(super) fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> anyhow::Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)?;
        mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
        mac.update(body);
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_the_reference_package_does() {
        // Made with standardwebhooks 1.1.0 from PyPI: Webhook(secret).sign("msg_1", time, body).
        let signer = Signer::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let body = r#"{"login":"ada","password":"café"}"#;
        let signature = signer.sign("msg_1", at, body.as_bytes()).unwrap();
        assert_eq!(signature, "v1,jr81BkPvBkQI7u+NR7I1meoPXhUFsW+iLojhqVNMC38=");
    }
}
