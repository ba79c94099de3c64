//! The keys of access tokens: which are published, which sign, and what happened to them.

use crate::{Call, Error, Roster};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_auth::token::{KeyChange, KeyChangeKind, KeySet, SigningKey};
use roster_domain::{Action, Actor, AuditRecord, KeyId, Outcome, Target};
use roster_storage::UnitOfWork;
use sha2::{Digest as _, Sha256};

/// The public keys whose tokens are accepted, as a JWK Set (RFC 7517); never a shared secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKeys(String);

impl PublishedKeys {
    /// The set as JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }

    /// Another one for every other set.
    #[must_use]
    pub fn tag(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))
    }
}

impl Roster {
    /// The keys that others verify access tokens with.
    #[must_use]
    pub fn published_keys(&self) -> PublishedKeys {
        let parts = self.parts();
        PublishedKeys(parts.token_verifier.keys().to_jwks(parts.clock.now()))
    }

    /// Goes on with other keys: `signing` signs the next token, and tokens of keys that are not among `accepted` are
    /// refused from the next request on.
    pub fn replace_keys(&self, signing: SigningKey, accepted: KeySet) {
        // In this order, so that no token is issued that would not be accepted.
        self.parts().token_verifier.replace_keys(accepted);
        self.parts().token_issuer.replace_key(signing);
    }

    /// Goes on signing as before, and refuses the tokens of keys that are not among `accepted` from the next request on.
    pub fn accept_keys(&self, accepted: KeySet) {
        self.parts().token_verifier.replace_keys(accepted);
    }

    /// Whether the key that signs access tokens is among those whose tokens are accepted. It is not if it was revoked
    /// and no other key can take its place.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        let parts = self.parts();
        let (signing, accepted) = (parts.token_issuer.key(), parts.token_verifier.keys());
        let id = signing.verifying_key().id().map(KeyId::as_str);
        accepted.get(id).is_some()
    }

    /// Writes into the audit log what an operator has done to a key, as of now: the log is in the order of time, and
    /// the key's own history tells when it was.
    ///
    /// # Errors
    /// [`Error::Store`], if it could not be written.
    pub async fn record_key_change(&self, call: &Call, change: &KeyChange) -> Result<(), Error> {
        self.record_key_change_by(call, call.principal.actor(), change).await
    }

    /// The same for what Roster itself has done.
    ///
    /// # Errors
    /// [`Error::Store`], if it could not be written.
    pub async fn record_own_key_change(&self, change: &KeyChange) -> Result<(), Error> {
        self.record_key_change_by(&Call::operator(), Actor::System, change).await
    }

    async fn record_key_change_by(&self, call: &Call, actor: Actor, change: &KeyChange) -> Result<(), Error> {
        let action = match change.kind {
            KeyChangeKind::Generated => Action::KeyGenerated,
            KeyChangeKind::Activated => Action::KeyActivated,
            KeyChangeKind::Retired => Action::KeyRetired,
            KeyChangeKind::Revoked => Action::KeyRevoked,
        };
        let record = AuditRecord {
            actor,
            signing_key: Some(change.key.clone()),
            ..self.record_outcome(call, action, None::<Target>, Outcome::Success)
        };
        self.store().commit(UnitOfWork::audited(record)).await?;
        Ok(())
    }
}
