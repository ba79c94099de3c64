//! Publishes and replaces the keys of access tokens, and records their changes.

use crate::{Call, Error, Roster};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_auth::token::{KeyChange, KeyChangeKind, KeySet, SigningKey};
use roster_domain::{Action, Actor, AuditRecord, KeyId, Outcome, Target};
use roster_storage::UnitOfWork;
use sha2::{Digest as _, Sha256};

/// The public keys of accepted access tokens, as a JWK Set (RFC 7517). Contains no shared secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKeys(String);

impl PublishedKeys {
    /// The key set as JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }

    /// A tag that differs for different key sets.
    #[must_use]
    pub fn tag(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))
    }
}

impl Roster {
    /// The keys with which other services verify access tokens.
    #[must_use]
    pub fn published_keys(&self) -> PublishedKeys {
        let parts = self.parts();
        PublishedKeys(parts.token_verifier.keys().to_jwks(parts.clock.now()))
    }

    /// Replaces the keys: `signing` signs the next token, and tokens of keys that are not in `accepted` are rejected from
    /// the next request on.
    pub fn replace_keys(&self, signing: SigningKey, accepted: KeySet) {
        // In this order, so that every token that is issued is accepted.
        self.parts().token_verifier.replace_keys(accepted);
        self.parts().token_issuer.replace_key(signing);
    }

    /// Keeps the signing key. Rejects the tokens of keys that are not in `accepted` from the next request on.
    pub fn accept_keys(&self, accepted: KeySet) {
        self.parts().token_verifier.replace_keys(accepted);
    }

    /// Whether tokens of the current signing key are accepted. They are not if the key was revoked and there is no other
    /// key to replace it.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        let parts = self.parts();
        let (signing, accepted) = (parts.token_issuer.key(), parts.token_verifier.keys());
        let id = signing.verifying_key().id().map(KeyId::as_str);
        accepted.get(id).is_some()
    }

    /// Records an operator's change of a key in the audit log. The record has the current time, because the log is in
    /// chronological order; the key's own history says when the change happened.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn record_key_change(&self, call: &Call, change: &KeyChange) -> Result<(), Error> {
        self.record_key_change_by(call, call.principal.actor(), change).await
    }

    /// Records a change of a key that Roster made on its own initiative.
    ///
    /// # Errors
    /// The errors of the store.
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
