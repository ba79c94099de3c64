//! The empty store, the largest values, and NUL.

use super::lists::{by, collect};
use super::reads::{add, by_login, update};
use super::snapshots::everything;
use super::{Bench, People, record};
use crate::UnitOfWork;
use jiff::Timestamp;
use roster_domain::{
    Action, Attributes, AuditQuery, AuditRecord, AuthEpoch, Credential, DisplayName, EmailAddress,
    ExternalId, Field, Login, LoginAlias, Origin, OsUser, PasswordHash, RequestId, RoleName, RoleSet,
    SessionId, SortKey, SortValue, User, Username, Version,
};
use serde_json::json;
use std::num::NonZeroU32;
use std::sync::Arc;

/// A user whose values are all as long, as late or as high as they can be.
fn largest() -> User {
    let roles = (0..RoleSet::MAX_LEN).map(|n| RoleName::new(format!("{n:r<64}")).expect("64 characters"));
    let address = format!("{}@{}.{}.{}", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(61));
    let attributes = json!({ "a": "x".repeat(Attributes::MAX_BYTES - r#"{"a":""}"#.len()) });
    let hash = format!("$2b$04${}", "x".repeat(PasswordHash::MAX_BYTES - 7));
    let user = People.nth(1).with_roles(RoleSet::new(roles).expect("32 roles"));
    user.with(|user| {
        user.username = Username::new("佐".repeat(Username::MAX_LEN)).expect("64 characters");
        user.email = Some(EmailAddress::new(address).expect("254 bytes"));
        user.display_name =
            Some(DisplayName::new("😀".repeat(DisplayName::MAX_LEN)).expect("200 characters"));
        user.external_id = Some(ExternalId::new("😀".repeat(ExternalId::MAX_LEN)).expect("255 characters"));
        user.login_alias = Some(LoginAlias::new("藤".repeat(LoginAlias::MAX_LEN)).expect("255 characters"));
        user.attributes = Attributes::from_value(attributes).expect("16 KiB");
        user.credential = Credential::Password(PasswordHash::new(hash).expect("512 bytes"));
        user.created_at = Timestamp::MIN;
        user.updated_at = Timestamp::MAX;
        user.last_login_at = Some(Timestamp::MAX);
        user.version = Version::from(u64::MAX - 1);
        user.auth_epoch = AuthEpoch::from(u64::MAX);
    })
}

/// The record of a user with every value that has a limit.
fn longest_record(user: &User) -> AuditRecord {
    let request_id = RequestId::new("r".repeat(RequestId::MAX_LEN)).expect("128 characters");
    AuditRecord {
        at: Timestamp::MAX,
        changed: Field::ALL.iter().copied().map(Into::into).collect(),
        origin: Origin {
            ip: Some([0xffff; 8].into()),
            request_id: Some(request_id),
            os_user: Some(OsUser::new("ö".repeat(OsUser::MAX_BYTES / 2)).expect("256 bytes")),
        },
        count: NonZeroU32::MAX,
        ..record(Action::UserUpdated, user.id)
    }
}

/// Each of them is read as it was written, found by its names, and sorted.
pub async fn the_largest_values_are_kept(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, other) = (add(&store, largest()).await, add(&store, People.nth(2)).await);
    let after = (*user).clone().with(|user| user.version = Version::from(u64::MAX));
    store.commit(update(&user, after.clone())).await.expect("fresh");
    let longest = longest_record(&user);
    store.commit(UnitOfWork::audited(longest.clone())).await.expect("no guard");
    let store = bench.reopened(store).await;
    assert_eq!(store.user(user.id).await.expect("readable").as_deref(), Some(&after));
    for name in [after.username.as_str(), after.email.as_ref().expect("has one").as_str()] {
        assert_eq!(by_login(&store, name).await, Some(user.id));
    }
    assert_eq!(by_login(&store, after.login_alias.as_ref().expect("has one").as_str()).await, Some(user.id));
    let newest = store.audit_records(&AuditQuery::default()).await.expect("readable").items;
    assert_eq!(newest.first().map(|record| (**record).clone()), Some(longest));
    for key in SortKey::ALL.iter().flat_map(|key| [key.as_str().to_owned(), format!("-{}", key.as_str())]) {
        let query = by(&key, 1);
        let mut expected = [Arc::new(after.clone()), other.clone()];
        expected.sort_by(|a, b| query.sort.compare(&query.sort.position(a), &query.sort.position(b)));
        assert_eq!(collect(&store, query).await, expected, "{key}");
    }
}

/// Nothing is found, and nothing fails.
pub async fn an_empty_store_answers_every_read(bench: &impl Bench) {
    let store = bench.fresh().await;
    let store = bench.reopened(store).await;
    store.ready().await.expect("ready");
    assert!(!store.has_active_admin().await.expect("readable"));
    let id = People.nth(1).id;
    assert_eq!(store.user(id).await.expect("readable"), None);
    let session = SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]);
    assert_eq!(store.user_session(session, id).await.expect("readable"), None);
    assert_eq!(store.sessions(id).await.expect("readable"), []);
    assert_eq!(store.expired_sessions(Timestamp::MAX, 10).await.expect("readable"), []);
    assert_eq!(store.service_accounts(None, 10).await.expect("readable"), []);
    for key in SortKey::ALL {
        assert_eq!(collect(&store, by(key.as_str(), 10)).await, []);
    }
    assert_eq!(store.audit_records(&AuditQuery::default()).await.expect("readable").items, []);
    assert_eq!(everything(&store).await, []);
    let restored = bench.restored(Vec::new()).await.expect("nothing clashes");
    assert_eq!(everything(&restored).await, []);
    add(&restored, People.nth(1)).await;
}

/// Not every engine can keep NUL, and no name has it.
pub async fn a_login_with_nul_finds_nobody(bench: &impl Bench) {
    let store = bench.fresh().await;
    add(&store, People.nth(1).with(|user| user.login_alias = LoginAlias::new("Per Son").ok())).await;
    for login in ["\0", "person1\0", "person\u{0}1", "person1\0@example.com", "Per\0Son", "Per Son\0"] {
        assert_eq!(store.user_by_login(&Login::new(login)).await.expect("readable"), None, "{login:?}");
    }
}

/// A client can make a cursor of its own, which stands for some place in the list.
pub async fn a_cursor_with_nul_is_a_place_in_the_list(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    for key in ["username", "email", "-display_name", "username,-email"] {
        let mut query = by(key, 10);
        let mut position = query.sort.position(&People.nth(0));
        position.values.fill(SortValue::Text("\0".to_owned()));
        query.after = Some(position);
        let items = store.users(&query).await.expect("readable").items;
        assert!(items.is_empty() || items == [user.clone()], "{key}");
    }
}
