//! Changes of profiles.

use crate::kit::{App, app, by};
use jiff::SignedDuration;
use roster_domain::{DisplayName, EmailAddress, RoleSet, UniqueField, User, Username, Version};
use roster_service::{AttributesDraft, Call, Completeness, Error, FixedFields, Precondition, UserDraft};
use serde_json::json;
use std::sync::Arc;

async fn patch(app: &App, call: &Call, user: &User, draft: UserDraft) -> Result<Arc<User>, Error> {
    app.roster.update_user(call, user.id, &Precondition::None, Completeness::Partial, &draft).await
}

fn with_email(text: &str) -> UserDraft {
    UserDraft { email: Some(EmailAddress::new(text).ok()), ..UserDraft::default() }
}

fn pointers(outcome: Result<Arc<User>, Error>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
        other => panic!("expected field errors, got {other:?}"),
    }
}

#[tokio::test]
async fn a_change_increments_the_version() {
    let app = app();
    let ada = app.user("ada").await;
    app.clock.advance(SignedDuration::from_secs(5));
    let name = Some(Some(DisplayName::new("Ada").unwrap()));
    let after =
        patch(&app, &by(&ada), &ada, UserDraft { display_name: name, ..UserDraft::default() }).await.unwrap();
    assert_eq!((after.version, after.auth_epoch), (ada.version.next(), ada.auth_epoch));
    assert_eq!(after.updated_at, ada.updated_at + SignedDuration::from_secs(5));
    assert_eq!(app.reload(&ada).await.unwrap(), after);
}

#[tokio::test]
async fn a_draft_that_changes_nothing_writes_nothing() {
    let app = app();
    let ada = app.user("ada").await;
    let commits = app.store.metrics().commits;
    let same = UserDraft { username: Some(ada.username.clone()), ..UserDraft::default() };
    assert_eq!(patch(&app, &by(&ada), &ada, same).await.unwrap(), ada);
    assert_eq!(app.store.metrics().commits, commits);
}

#[tokio::test]
async fn a_replacement_reports_every_missing_field() {
    let app = app();
    let (ada, admin) = (app.user("ada").await, app.admin("root").await);
    let draft = UserDraft { username: Username::new("ada").ok(), ..UserDraft::default() };
    let put = async |call: Call| {
        app.roster.update_user(&call, ada.id, &Precondition::None, Completeness::Whole, &draft).await
    };
    assert_eq!(pointers(put(by(&ada)).await), ["/email", "/display_name"]);
    assert_eq!(
        pointers(put(by(&admin)).await),
        ["/email", "/email_verified", "/display_name", "/status", "/roles", "/attributes", "/external_id"]
    );
}

#[tokio::test]
async fn read_only_fields_are_accepted_only_with_their_current_value() {
    let app = app();
    let ada = app.user("ada").await;
    let fixed = |version| UserDraft {
        fixed: FixedFields {
            pending_reasons: Some(None),
            id: Some(ada.id),
            created_at: Some(ada.created_at),
            updated_at: Some(ada.updated_at),
            last_login_at: Some(None),
            version: Some(version),
        },
        ..UserDraft::default()
    };
    patch(&app, &by(&ada), &ada, fixed(ada.version)).await.unwrap();
    assert_eq!(pointers(patch(&app, &by(&ada), &ada, fixed(Version::from(9))).await), ["/version"]);
}

#[tokio::test]
async fn read_only_fields_are_reported_before_forbidden_ones() {
    let app = app();
    let ada = app.user("ada").await;
    let draft = UserDraft {
        roles: Some(RoleSet::administrator()),
        fixed: FixedFields { version: Some(Version::from(9)), ..FixedFields::default() },
        ..UserDraft::default()
    };
    assert_eq!(pointers(patch(&app, &by(&ada), &ada, draft).await), ["/version"]);
}

#[tokio::test]
async fn a_new_address_is_not_verified() {
    let app = app();
    let (ada, admin) = (app.user("ada").await, app.admin("root").await);
    let verified = UserDraft { email_verified: Some(true), ..UserDraft::default() };
    let ada = patch(&app, &by(&admin), &ada, verified).await.unwrap();
    assert!(ada.email_verified);
    let same = with_email("ADA@example.com");
    assert!(patch(&app, &by(&ada), &ada, same).await.unwrap().email_verified);
    // Sending back the value that was read does not verify the new address.
    let draft = UserDraft { email_verified: Some(true), ..with_email("new@example.com") };
    let ada = patch(&app, &by(&ada), &ada, draft).await.unwrap();
    assert!(!ada.email_verified);
    let stated = UserDraft { email_verified: Some(true), ..with_email("newer@example.com") };
    assert!(patch(&app, &by(&admin), &ada, stated).await.unwrap().email_verified);
    let cleared = UserDraft { email: Some(None), ..UserDraft::default() };
    assert!(!patch(&app, &by(&admin), &ada, cleared).await.unwrap().email_verified);
}

#[tokio::test]
async fn attributes_can_be_merged_only_with_users_update() {
    let app = app();
    let (ada, admin) = (app.user("ada").await, app.admin("root").await);
    let merge = |patch: serde_json::Value| UserDraft {
        attributes: Some(AttributesDraft::Merge(patch.as_object().unwrap().clone())),
        ..UserDraft::default()
    };
    let ada = patch(&app, &by(&admin), &ada, merge(json!({"a": {"b": 1}, "c": 2}))).await.unwrap();
    let ada = patch(&app, &by(&admin), &ada, merge(json!({"a": {"b": null, "d": 3}}))).await.unwrap();
    assert_eq!(json!(ada.attributes.as_map()), json!({"a": {"d": 3}, "c": 2}));
    let large = merge(json!({"x": "y".repeat(17_000)}));
    assert_eq!(pointers(patch(&app, &by(&admin), &ada, large).await), ["/attributes"]);
    let own = patch(&app, &by(&ada), &ada, merge(json!({"c": 9}))).await;
    assert!(matches!(own, Err(Error::Denied(_))));
}

#[tokio::test]
async fn a_precondition_on_another_version_fails() {
    let app = app();
    let ada = app.user("ada").await;
    let stale = Precondition::VersionIn(vec![Version::from(7), Version::from(8)]);
    let draft = UserDraft { email: Some(None), ..UserDraft::default() };
    let outcome = app.roster.update_user(&by(&ada), ada.id, &stale, Completeness::Partial, &draft).await;
    assert!(matches!(outcome, Err(Error::PreconditionFailed)));
    let deleted = app.roster.delete_user(&by(&ada), ada.id, &stale).await;
    assert!(matches!(deleted, Err(Error::PreconditionFailed)));
    let fresh = Precondition::VersionIn(vec![ada.version]);
    app.roster.update_user(&by(&ada), ada.id, &fresh, Completeness::Partial, &draft).await.unwrap();
}

#[tokio::test]
async fn a_name_of_another_user_is_taken() {
    let app = app();
    let (ada, _bob) = (app.user("ada").await, app.user("bob").await);
    let name = UserDraft { username: Username::new("BOB").ok(), ..UserDraft::default() };
    assert!(matches!(patch(&app, &by(&ada), &ada, name).await, Err(Error::Taken(UniqueField::Username))));
    let address = with_email("Bob@Example.com");
    assert!(matches!(patch(&app, &by(&ada), &ada, address).await, Err(Error::Taken(UniqueField::Email))));
}
