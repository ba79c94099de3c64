//! Audit records of denials.

use crate::kit::{App, PASSWORD, anonymous, app, by, secret};
use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Actor, AuditFilter, AuditQuery, AuditRecord, Outcome, RoleSet, Target, User, UserId,
};
use roster_service::{Call, Completeness, Error, NewPassword, Precondition, RevokeSessions, UserDraft};
use std::sync::Arc;

async fn denials(app: &App) -> Vec<Arc<AuditRecord>> {
    let filter = AuditFilter { outcome: Some(Outcome::Denied), ..AuditFilter::default() };
    let query = AuditQuery { filter, ..AuditQuery::default() };
    app.roster.audit_records(&Call::operator(), &query).await.unwrap().items
}

/// Runs every use case on `target` and checks that each is denied.
async fn try_everything(app: &App, call: &Call, target: UserId) {
    let (roster, none) = (&app.roster, Precondition::None);
    let draft = UserDraft { display_name: Some(None), ..UserDraft::default() };
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("another fine sentence"),
    };
    let session = roster_domain::SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]);
    for outcome in [
        roster.show_user(call, target).await.err(),
        roster.update_user(call, target, &none, Completeness::Partial, &draft).await.err(),
        roster.change_password(call, target, new).await.err(),
        roster.unlock_user(call, target).await.err(),
        roster.list_sessions(call, target).await.err(),
        roster.revoke_session(call, target, session).await.err(),
        roster.revoke_sessions(call, target, RevokeSessions::All).await.err(),
        roster.delete_user(call, target, &none).await.err(),
    ] {
        assert!(matches!(outcome, Some(Error::Denied(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn repeated_denials_become_one_record_per_actor_action_and_target() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for _ in 0..3 {
        try_everything(&app, &by(&ada), bob.id).await;
    }
    app.clock.advance(SignedDuration::from_mins(2));
    let records = denials(&app).await;
    let mut actions: Vec<_> = records.iter().map(|record| record.action.as_str()).collect();
    actions.sort_unstable();
    let expected = [
        "password_changed",
        "session_revoked",
        "sessions_read",
        "sessions_revoked",
        "user_deleted",
        "user_read",
        "user_unlocked",
        "user_updated",
    ];
    assert_eq!(actions, expected);
    for record in records {
        assert_eq!((record.actor, record.target), (Actor::User(ada.id), Some(Target::User(bob.id))));
        assert_eq!(record.count.get(), 3);
    }
}

#[tokio::test]
async fn an_attempt_to_promote_oneself_is_recorded() {
    let app = app();
    let ada = app.user("ada").await;
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    let outcome = app.roster.update_user(&by(&ada), ada.id, &none, partial, &draft).await;
    assert!(matches!(outcome, Err(Error::Denied(_))));
    assert_eq!(denials(&app).await[0].action, Action::UserUpdated);
}

#[tokio::test]
async fn denials_of_anonymous_callers_and_of_unknown_targets_are_not_recorded() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    try_everything(&app, &by(&ada), UserId::new(Timestamp::UNIX_EPOCH, [9; 10])).await;
    try_everything(&app, &anonymous(), bob.id).await;
    assert!(denials(&app).await.is_empty());
}

#[tokio::test]
async fn a_flood_of_denials_keeps_its_actor_and_hides_no_failed_login() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for n in 0..2_000_u32 {
        let mut random = [0; 10];
        random[..4].copy_from_slice(&n.to_be_bytes());
        let target = UserId::new(Timestamp::UNIX_EPOCH, random);
        let _ = app.roster.show_user(&by(&ada), target).await;
    }
    let _ = app.roster.show_user(&by(&bob), ada.id).await;
    app.log_in("bob", &format!("not {PASSWORD}")).await.unwrap_err();
    app.clock.advance(SignedDuration::from_mins(2));
    let records = denials(&app).await;
    let by = |user: &User| records.iter().filter(|record| record.actor == Actor::User(user.id)).count();
    assert_eq!((by(&ada), by(&bob)), (1, 1), "one record per actor");
    let filter = AuditFilter { outcome: Some(Outcome::BadCredentials), ..AuditFilter::default() };
    let query = AuditQuery { filter, ..AuditQuery::default() };
    let failed = app.roster.audit_records(&Call::operator(), &query).await.unwrap().items;
    assert_eq!(failed[0].target, Some(Target::User(bob.id)));
}
