use super::*;
use crate::{ApiKeyDigest, ApiKeyName, KeyCreator, Permission, UserId};

pub(crate) fn an_account() -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(at(0), [1; 10]),
        name: ServiceAccountName::new("backup").unwrap(),
        description: None,
        permissions: [Permission::UsersRead].into_iter().collect(),
        status: Status::Active,
        created_at: at(0),
        updated_at: at(0),
        created_by: Actor::Operator,
        version: Version::FIRST,
        auth_epoch: AuthEpoch::FIRST,
        keys: Vec::new(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn a_key(number: u8) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(at(0), [number; 10]),
        prefix: ApiKeyPrefix::new(&format!("prefix{number:06}")).unwrap(),
        name: ApiKeyName::new("a key").unwrap(),
        digest: ApiKeyDigest::from([number; 32]),
        permissions: [Permission::UsersRead].into_iter().collect(),
        created_at: at(0),
        created_by: KeyCreator::User(UserId::new(at(0), [9; 10])),
        expires_at: None,
        last_used_at: None,
        replaced_by: None,
    }
}

fn with_keys(count: u8) -> ServiceAccount {
    (0..count).fold(an_account(), |account, number| account.with_key(a_key(number), at(1)).unwrap())
}

#[test]
fn a_key_ends_at_its_expiry_and_not_before() {
    let key = ApiKey { expires_at: Some(at(10)), ..a_key(1) };
    assert!(key.is_live(at(9)));
    assert!(!key.is_live(at(10)));
    assert!(a_key(1).is_live(Timestamp::MAX));
}

#[test]
fn the_number_of_valid_keys_is_limited_and_expired_ones_make_room() {
    let mut full = with_keys(20);
    assert_eq!(full.clone().with_key(a_key(20), at(2)), Err(TooManyKeys));
    full.keys[3].expires_at = Some(at(2));
    let account = full.with_key(a_key(20), at(2)).unwrap();
    assert_eq!(account.keys.len(), 20);
    assert!(account.key(a_key(3).id).is_none());
}

#[test]
fn a_rotated_key_ends_at_once_or_at_the_given_time() {
    let (old, new) = (a_key(0), a_key(1));
    let at_once = with_keys(1).rotated(old.id, new.clone(), OldKey::EndsNow, at(2)).unwrap();
    assert_eq!(at_once.keys, std::slice::from_ref(&new));
    let later = with_keys(1).rotated(old.id, new.clone(), OldKey::EndsAt(at(9)), at(2)).unwrap();
    let kept = later.key(old.id).unwrap();
    assert_eq!((kept.expires_at, kept.replaced_by), (Some(at(9)), Some(new.id)));
    assert_eq!(later.version, Version::FIRST.next().next());
}

#[test]
fn a_rotation_never_lengthens_the_old_key() {
    let mut account = with_keys(1);
    account.keys[0].expires_at = Some(at(5));
    let account = account.rotated(a_key(0).id, a_key(1), OldKey::EndsAt(at(9)), at(2)).unwrap();
    assert_eq!(account.keys[0].expires_at, Some(at(5)));
}

#[test]
fn a_key_is_rotated_once() {
    let account = with_keys(1).rotated(a_key(0).id, a_key(1), OldKey::EndsAt(at(9)), at(2)).unwrap();
    let again = account.clone().rotated(a_key(0).id, a_key(2), OldKey::EndsNow, at(3));
    assert_eq!(again, Err(NotRotated::ReplacedAlready));
    let ended = account.clone().rotated(a_key(0).id, a_key(2), OldKey::EndsNow, at(9));
    assert_eq!(ended, Err(NotRotated::ReplacedAlready), "the key in its place is the one to go on with");
    assert_eq!(account.rotated(a_key(7).id, a_key(2), OldKey::EndsNow, at(3)), Err(NotRotated::Absent));
}

#[test]
fn an_expired_key_cannot_be_rotated() {
    let mut account = with_keys(1);
    account.keys[0].expires_at = Some(at(5));
    let late = |now| account.clone().rotated(a_key(0).id, a_key(1), OldKey::EndsNow, at(now)).map(drop);
    assert_eq!((late(4), late(5)), (Ok(()), Err(NotRotated::Ended)));
}

#[test]
fn a_full_account_can_replace_a_key_at_once_but_not_side_by_side() {
    let full = with_keys(20);
    assert!(full.clone().rotated(a_key(0).id, a_key(20), OldKey::EndsNow, at(2)).is_ok());
    let both = full.rotated(a_key(0).id, a_key(20), OldKey::EndsAt(at(9)), at(2));
    assert_eq!(both, Err(NotRotated::TooMany(TooManyKeys)));
}

#[test]
fn the_use_of_a_key_keeps_the_version_and_never_goes_back() {
    let account = with_keys(2);
    let used = account.clone().used(a_key(1).id, at(7)).used(a_key(1).id, at(6));
    assert_eq!((used.version, used.last_used_at()), (account.version, Some(at(7))));
    assert_eq!(used.key(a_key(0).id).unwrap().last_used_at, None);
}

#[test]
fn disabling_or_other_permissions_end_earlier_tokens() {
    let now = at(7);
    let disabled = an_account().with_status(AccountStatus::Disabled, now);
    assert_eq!(
        (disabled.status, disabled.auth_epoch),
        (Status::Disabled { since: now }, AuthEpoch::FIRST.next())
    );
    assert_eq!(an_account().with_permissions(Permissions::NONE).auth_epoch, AuthEpoch::FIRST.next());
    assert_eq!(an_account().with_status(AccountStatus::Active, now), an_account());
}

#[test]
fn an_account_survives_the_stored_form() {
    let account = with_keys(2).with_status(AccountStatus::Disabled, at(3));
    let stored = serde_json::to_string(&account).unwrap();
    assert!(stored.contains(r#""permissions":["users:read"]"#), "{stored}");
    assert_eq!(serde_json::from_str::<ServiceAccount>(&stored).unwrap(), account);
}

#[test]
fn a_stored_account_with_a_repeated_key_or_what_is_no_permission_is_rejected() {
    let mut twice = with_keys(1);
    twice.keys.push(a_key(0));
    let pending = ServiceAccount {
        status: Status::Pending { reasons: crate::PendingReasons::UNKNOWN },
        ..an_account()
    };
    let stored = |account: &ServiceAccount| serde_json::to_string(account).unwrap();
    let no_word = stored(&an_account()).replace("users:read", "Users read");
    for text in [stored(&twice), stored(&pending), no_word] {
        assert!(serde_json::from_str::<ServiceAccount>(&text).is_err(), "{text}");
    }
}

#[test]
fn a_permission_of_a_newer_version_grants_nothing_and_stays_until_the_others_change() {
    let stored = serde_json::to_string(&an_account()).unwrap();
    let newer = stored.replace(r#"["users:read"]"#, r#"["users:read","groups:manage"]"#);
    let account: ServiceAccount = serde_json::from_str(&newer).unwrap();
    let known = account.permissions.known();
    assert_eq!(known, [Permission::UsersRead].into_iter().collect());
    assert_eq!(serde_json::to_string(&account).unwrap(), newer);
    assert_eq!(account.clone().with_permissions(known), account);
    let other = [Permission::AuditRead].into_iter().collect::<Permissions>();
    assert_eq!(account.with_permissions(other).permissions, other.into());
}

#[test]
fn a_name_has_one_spelling() {
    assert!(ServiceAccountName::new("ci.deploy-2_eu").is_ok());
    assert_eq!(ServiceAccountName::new(""), Err(ServiceAccountNameError::Empty));
    assert_eq!(ServiceAccountName::new("x".repeat(65)), Err(ServiceAccountNameError::TooLong));
    for text in ["Backup", "-x", "a b", "a/b", "é"] {
        assert_eq!(ServiceAccountName::new(text), Err(ServiceAccountNameError::Character), "{text}");
    }
}
