//! API keys: made, rotated, revoked.

use super::changes::Decision;
use crate::{Call, Error, FieldError, Precondition, Roster};
use jiff::Timestamp;
use roster_auth::api_key::NewApiKey;
use roster_domain::{
    Action, ApiKey, ApiKeyId, ApiKeyName, KeyMaker, OldKey, Permissions, ServiceAccount, ServiceAccountId,
    policy,
};
use std::sync::Arc;
use std::time::Duration;

/// A key to be.
#[derive(Clone, Debug)]
pub struct ApiKeyDraft {
    /// What people call it.
    pub name: ApiKeyName,
    /// What it may do at most; all that the account may, unless said.
    pub permissions: Option<Permissions>,
    /// When it ends; never, unless said.
    pub expires_at: Option<Timestamp>,
}

/// How a key is rotated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotation {
    /// For how long the old key goes on beside the new one; it ends at once, unless said.
    pub overlap: Duration,
    /// When the new key ends, `Some(None)` for never. Unless said, it lives as long from now on as the old one was to
    /// from its own beginning.
    pub expires_at: Option<Option<Timestamp>>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct IssuedApiKey {
    /// The key in clear. It cannot be had again.
    pub secret: NewApiKey,
    /// What is kept of it.
    pub key: ApiKey,
    /// Whose it is, with the key.
    pub account: Arc<ServiceAccount>,
}

impl Rotation {
    /// The longest that two keys go on side by side.
    pub const MAX_OVERLAP: Duration = Duration::from_hours(30 * 24);
}

impl Roster {
    /// Makes a key of a service account whose permissions one holds all of. It answers to the caller, who must be
    /// a person or the operator: at each use it grants no more than they hold then.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::Invalid`] for permissions that the account
    /// lacks and an end that has passed; [`Error::TooManyApiKeys`]; the store's.
    pub async fn create_api_key(
        &self,
        call: &Call,
        account: ServiceAccountId,
        draft: &ApiKeyDraft,
    ) -> Result<IssuedApiKey, Error> {
        self.require_recent_login(call)?;
        let made = self.make_key(call, &draft.name)?;
        let decide = |before: &Arc<ServiceAccount>, now| {
            let permissions = draft.permissions.unwrap_or(before.permissions);
            let faults = [within(permissions, before), ahead(draft.expires_at, now)];
            refuse(faults)?;
            let key =
                ApiKey { permissions, created_at: now, expires_at: draft.expires_at, ..made.key.clone() };
            let after = (**before).clone().with_key(key, now)?;
            Ok(Some(Decision::of_key(Action::ApiKeyCreated, made.key.id, after)))
        };
        let account = self.change_account(call, account, &Precondition::None, decide).await?;
        made.issued(account)
    }

    /// Puts a new key in the place of another, with its name and permissions. The new one answers to the caller,
    /// and its lifetime is counted anew.
    /// Of several who rotate one key at once, one does.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::ApiKeyNotFound`];
    /// [`Error::ApiKeyReplaced`]; [`Error::ApiKeyEnded`]; [`Error::TooManyApiKeys`]; [`Error::Invalid`]; the store's.
    pub async fn rotate_api_key(
        &self,
        call: &Call,
        account: ServiceAccountId,
        key: ApiKeyId,
        rotation: Rotation,
    ) -> Result<IssuedApiKey, Error> {
        policy::key_maker(&call.principal)?;
        self.require_recent_login(call)?;
        let name = self.managed_account(call, account).await?;
        let name = name.key(key).ok_or(Error::ApiKeyNotFound)?.name.clone();
        let made = self.make_key(call, &name)?;
        let decide = |before: &Arc<ServiceAccount>, now: Timestamp| {
            let old = before.key(key).ok_or(Error::ApiKeyNotFound)?;
            refuse([ahead(rotation.expires_at.flatten(), now), short(rotation.overlap)])?;
            let new = ApiKey {
                permissions: old.permissions,
                created_at: now,
                expires_at: rotation.expires_at.unwrap_or_else(|| as_long(old, now)),
                ..made.key.clone()
            };
            let ending = match now.checked_add(rotation.overlap) {
                Ok(end) if !rotation.overlap.is_zero() => OldKey::EndsAt(end),
                _ => OldKey::EndsNow,
            };
            let after = (**before).clone().rotated(key, new, ending, now)?;
            Ok(Some(Decision::of_key(Action::ApiKeyRotated, key, after)))
        };
        let account = self.change_account(call, account, &Precondition::None, decide).await?;
        made.issued(account)
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::LoginTooOld`]; [`Error::ServiceAccountNotFound`]; [`Error::ApiKeyNotFound`]; the store's.
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

    fn make_key(&self, call: &Call, name: &ApiKeyName) -> Result<Made, Error> {
        let created_by: KeyMaker = policy::key_maker(&call.principal)?;
        let secret = NewApiKey::generate(&*self.parts().entropy);
        let now = self.parts().clock.now();
        let key = ApiKey {
            id: ApiKeyId::new(now, self.random()),
            prefix: secret.prefix(),
            name: name.clone(),
            digest: secret.digest(),
            permissions: Permissions::NONE,
            created_at: now,
            created_by,
            expires_at: None,
            last_used_at: None,
            replaced_by: None,
        };
        Ok(Made { secret, key })
    }
}

/// A key that is not stored yet: what is decided against the account is still open.
struct Made {
    secret: NewApiKey,
    key: ApiKey,
}

impl Made {
    fn issued(self, account: Arc<ServiceAccount>) -> Result<IssuedApiKey, Error> {
        let key = account.key(self.key.id).cloned().ok_or(Error::ApiKeyNotFound)?;
        Ok(IssuedApiKey { secret: self.secret, key, account })
    }
}

/// When a key ends that begins now and lives as long as `old` was to.
fn as_long(old: &ApiKey, now: Timestamp) -> Option<Timestamp> {
    let span = old.expires_at?.duration_since(old.created_at);
    Some(now.checked_add(span).unwrap_or(Timestamp::MAX))
}

fn within(permissions: Permissions, account: &ServiceAccount) -> Option<FieldError> {
    (!account.permissions.covers(permissions)).then(|| FieldError {
        pointer: "/permissions".to_owned(),
        code: "permissions_exceed_account",
        message: "a key holds only permissions that its service account holds".to_owned(),
    })
}

fn ahead(end: Option<Timestamp>, now: Timestamp) -> Option<FieldError> {
    end.is_some_and(|end| end <= now).then(|| FieldError {
        pointer: "/expires_at".to_owned(),
        code: "expiry_passed",
        message: "a key ends in the future".to_owned(),
    })
}

fn short(overlap: Duration) -> Option<FieldError> {
    (overlap > Rotation::MAX_OVERLAP).then(|| FieldError {
        pointer: "/overlap".to_owned(),
        code: "overlap_too_long",
        message: "two keys go on side by side for 30 days at most".to_owned(),
    })
}

fn refuse<const N: usize>(faults: [Option<FieldError>; N]) -> Result<(), Error> {
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
