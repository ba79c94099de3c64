//! Creates, rotates and revokes API keys.

use super::changes::Decision;
use crate::{Call, Error, FieldError, Precondition, Roster};
use jiff::Timestamp;
use roster_auth::api_key::NewApiKey;
use roster_domain::{
    Action, ApiKey, ApiKeyId, ApiKeyName, GrantedPermissions, KeyCreator, OldKey, Permissions,
    ServiceAccount, ServiceAccountId, policy,
};
use std::sync::Arc;
use std::time::Duration;

/// The data of a new API key.
#[derive(Clone, Debug)]
pub struct ApiKeyDraft {
    /// The name.
    pub name: ApiKeyName,
    /// The permissions it may have at most. Default: those of the service account.
    pub permissions: Option<Permissions>,
    /// When it expires. Default: never.
    pub expires_at: Option<Timestamp>,
}

/// How to rotate a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotation {
    /// How long the old key stays valid. Default: not at all.
    pub overlap: Duration,
    /// When the new key expires; `Some(None)` for never. Default: the new key gets the lifetime that the old one had.
    pub expires_at: Option<Option<Timestamp>>,
}

/// A key that was just created.
#[derive(Debug)]
pub struct IssuedApiKey {
    /// The key in plain text. It cannot be read again.
    pub secret: NewApiKey,
    /// The key as it is stored.
    pub key: ApiKey,
    /// The service account, with the new key.
    pub account: Arc<ServiceAccount>,
}

impl Rotation {
    /// The longest time for which both keys are valid.
    pub const MAX_OVERLAP: Duration = Duration::from_hours(30 * 24);
}

impl Roster {
    /// Creates a key of a service account. The caller must hold all permissions of the account, and be a user or the
    /// operator. At each use, the key grants no more than its creator holds at that time.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::Invalid`] for permissions
    /// that the account lacks, or an expiry in the past; [`Error::TooManyApiKeys`]; the errors of the store.
    pub async fn create_api_key(
        &self,
        call: &Call,
        account: ServiceAccountId,
        draft: &ApiKeyDraft,
    ) -> Result<IssuedApiKey, Error> {
        self.require_recent_login(call)?;
        let unstored = self.make_key(call, &draft.name)?;
        let decide = |before: &Arc<ServiceAccount>, now| {
            let permissions = draft.permissions.map_or_else(|| before.permissions.clone(), Into::into);
            let errors = [check_permissions(&permissions, before), check_expiry(draft.expires_at, now)];
            reject_if_any(errors)?;
            let key =
                ApiKey { permissions, created_at: now, expires_at: draft.expires_at, ..unstored.key.clone() };
            let after = (**before).clone().with_key(key, now)?;
            Ok(Some(Decision::of_key(Action::ApiKeyCreated, unstored.key.id, after)))
        };
        let account = self.change_account(call, account, &Precondition::None, decide).await?;
        unstored.issued(account)
    }

    /// Replaces a key by a new one with the same name and permissions. The caller becomes the creator of the new key,
    /// and its lifetime starts now. If several callers rotate a key at once, one succeeds.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::ApiKeyNotFound`];
    /// [`Error::ApiKeyReplaced`]; [`Error::ApiKeyEnded`]; [`Error::TooManyApiKeys`]; [`Error::Invalid`]; the
    /// errors of the store.
    pub async fn rotate_api_key(
        &self,
        call: &Call,
        account: ServiceAccountId,
        key: ApiKeyId,
        rotation: Rotation,
    ) -> Result<IssuedApiKey, Error> {
        policy::key_creator(&call.principal)?;
        self.require_recent_login(call)?;
        let name = self.managed_account(call, account).await?;
        let name = name.key(key).ok_or(Error::ApiKeyNotFound)?.name.clone();
        let unstored = self.make_key(call, &name)?;
        let decide = |before: &Arc<ServiceAccount>, now: Timestamp| {
            let old = before.key(key).ok_or(Error::ApiKeyNotFound)?;
            reject_if_any([
                check_expiry(rotation.expires_at.flatten(), now),
                check_overlap(rotation.overlap),
            ])?;
            let new = ApiKey {
                permissions: old.permissions.clone(),
                created_at: now,
                expires_at: rotation.expires_at.unwrap_or_else(|| same_lifetime(old, now)),
                ..unstored.key.clone()
            };
            let ending = match now.checked_add(rotation.overlap) {
                Ok(end) if !rotation.overlap.is_zero() => OldKey::EndsAt(end),
                _ => OldKey::EndsNow,
            };
            let after = (**before).clone().rotated(key, new, ending, now)?;
            Ok(Some(Decision::of_key(Action::ApiKeyRotated, key, after)))
        };
        let account = self.change_account(call, account, &Precondition::None, decide).await?;
        unstored.issued(account)
    }

    /// Revokes a key with immediate effect.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::ApiKeyNotFound`]; the
    /// errors of the store.
    pub async fn revoke_api_key(
        &self,
        call: &Call,
        account: ServiceAccountId,
        key: ApiKeyId,
    ) -> Result<(), Error> {
        self.require_recent_login(call)?;
        let decide = |before: &Arc<ServiceAccount>, now| {
            let after = (**before).clone().without_key(key, now).ok_or(Error::ApiKeyNotFound)?;
            Ok(Some(Decision::of_key(Action::ApiKeyRevoked, key, after)))
        };
        self.change_account(call, account, &Precondition::None, decide).await?;
        Ok(())
    }

    fn make_key(&self, call: &Call, name: &ApiKeyName) -> Result<UnstoredKey, Error> {
        let created_by: KeyCreator = policy::key_creator(&call.principal)?;
        let secret = NewApiKey::generate(&*self.parts().entropy);
        let now = self.parts().clock.now();
        let key = ApiKey {
            id: ApiKeyId::new(now, self.id_bytes()),
            prefix: secret.prefix(),
            name: name.clone(),
            digest: secret.digest(),
            permissions: GrantedPermissions::default(),
            created_at: now,
            created_by,
            expires_at: None,
            last_used_at: None,
            replaced_by: None,
        };
        Ok(UnstoredKey { secret, key })
    }
}

/// A generated key that is not stored yet. Its permissions and expiry are filled in later.
struct UnstoredKey {
    secret: NewApiKey,
    key: ApiKey,
}

impl UnstoredKey {
    fn issued(self, account: Arc<ServiceAccount>) -> Result<IssuedApiKey, Error> {
        let key = account.key(self.key.id).cloned().ok_or(Error::ApiKeyNotFound)?;
        Ok(IssuedApiKey { secret: self.secret, key, account })
    }
}

/// The expiry of a key that starts now and has the lifetime of `old`.
fn same_lifetime(old: &ApiKey, now: Timestamp) -> Option<Timestamp> {
    let span = old.expires_at?.duration_since(old.created_at);
    Some(now.checked_add(span).unwrap_or(Timestamp::MAX))
}

fn check_permissions(permissions: &GrantedPermissions, account: &ServiceAccount) -> Option<FieldError> {
    (!account.permissions.known().covers(permissions.known())).then(|| FieldError {
        pointer: "/permissions".to_owned(),
        code: "permissions_exceed_account",
        message: "a key can only have permissions that its service account has".to_owned(),
    })
}

fn check_expiry(end: Option<Timestamp>, now: Timestamp) -> Option<FieldError> {
    end.is_some_and(|end| end <= now).then(|| FieldError {
        pointer: "/expires_at".to_owned(),
        code: "expiry_passed",
        message: "the expiry must be in the future".to_owned(),
    })
}

fn check_overlap(overlap: Duration) -> Option<FieldError> {
    (overlap > Rotation::MAX_OVERLAP).then(|| FieldError {
        pointer: "/overlap".to_owned(),
        code: "overlap_too_long",
        message: "the overlap can be at most 30 days".to_owned(),
    })
}

fn reject_if_any<const N: usize>(errors: [Option<FieldError>; N]) -> Result<(), Error> {
    let errors: Vec<_> = errors.into_iter().flatten().collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
