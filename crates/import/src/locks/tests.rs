//! Fields as other systems write them, with the status that they give the account.

use crate::fields::parser::tests::parse_with_defaults;
use crate::secrets::credential::ImportedCredential;
use roster_domain::{PasswordHash, PendingReason, Status, StatusKind};
use serde_json::{Value, json};

pub(crate) fn read(record: &Value) -> (Status, Vec<String>) {
    let hash = PasswordHash::new("x").unwrap();
    parse_with_defaults(record, |parser| {
        let _ = parser.roles();
        parser.status(None, &ImportedCredential::Hash(hash))
    })
}

pub(crate) fn reasons(record: &Value) -> Vec<PendingReason> {
    match read(record).0 {
        Status::Pending { reasons } => reasons.iter().collect(),
        status => panic!("{record}: {status:?}"),
    }
}

pub(crate) fn have_the_status(kind: StatusKind, records: &[Value]) {
    let wrong: Vec<_> = records
        .iter()
        .map(|record| (record, read(record)))
        .filter(|(_, (status, notes))| status.kind() != kind || notes.is_empty())
        .collect();
    assert!(wrong.is_empty(), "not {kind:?} with a note: {wrong:#?}");
}

#[test]
fn a_forbidden_login_disables_the_account() {
    have_the_status(
        StatusKind::Disabled,
        &[
            json!({"prohibit_login": true}), // Gitea, Forgejo
            json!({"deny_login": true}),
            json!({"prevent_login": 1}),
            json!({"disallow_login": "yes"}),
            json!({"refuse_login": true}),
            json!({"block_login": true}),
            json!({"can_access": false}),
            json!({"is_authorized": false}),
            json!({"is_valid": 0}),
            json!({"orclIsEnabled": "DISABLED"}),
            json!({"use_yn": "N"}),
            json!({"del_yn": "Y"}),
            json!({"spam": "1"}), // WordPress multisite
            json!({"is_spammer": true}),
            json!({"account_hold": true}),
            json!({"paused_at": "2020-01-01"}),
            json!({"deceased": true}),
            json!({"anonymized_at": "2020-01-01"}),
            json!({"is_denylisted": true}),
            json!({"archive": 1}),
            json!({"locks": true}),
            json!({"sambaAcctFlags": "[UD         ]"}),
            json!({"pwdAccountLockedTime;x-1": "20240301091522Z"}),
        ],
    );
}

#[test]
fn a_past_expiry_or_a_future_start_disables_the_account() {
    have_the_status(
        StatusKind::Disabled,
        &[
            json!({"expire_at": "2020-01-01"}),
            json!({"expireAt": "2020-01-01"}),
            json!({"account_expires_on": "2020-01-01"}),
            json!({"accountExpiration": "2020-01-01"}),
            json!({"user_expires_at": "2020-01-01"}),
            json!({"access_expires_at": "2020-01-01"}),
            json!({"valid_through": "2020-01-01"}),
            json!({"termination_date": "2020-01-01"}),
            json!({"terminationDate": "2020-01-01"}),
            json!({"removal_date": "2020-01-01"}),
            json!({"loginExpirationTime": "20200101000000Z"}),
            json!({"valid_from": "2099-01-01"}),
            json!({"not_before": "2099-01-01"}),
            json!({"unban_at": "2099-01-01"}),
            json!({"unlock_time": 4_070_908_800_u64}),
            json!({"ipb_expiry": "infinity"}), // MediaWiki
        ],
    );
}

#[test]
fn a_lock_word_in_a_state_or_a_kind_keeps_the_account_pending() {
    have_the_status(
        StatusKind::Pending,
        &[
            json!({"user_type": "banned"}),
            json!({"account_type": "suspended"}),
            json!({"account_standing": "suspended"}),
            json!({"moderation_status": "banned"}),
            json!({"flags": "banned"}),
            json!({"flags": ["account locked"]}),
            json!({"flags": ["ACCOUNT_DISABLED"]}),
            json!({"inetUserStatus": "inactive"}),
            json!({"employee_status": "Terminated"}),
            json!({"contract_ended": true}),
            json!({"expire": 20_200_101}),
            json!({"blockid": 17}), // MediaWiki
            json!({"blockreason": "spam"}),
            json!({"hold_reason": "fraud"}),
        ],
    );
    have_the_status(
        StatusKind::Disabled,
        &[
            json!({"status_name": "Blocked"}),
            json!({"statusCode": "BLOCKED"}),
            json!({"user_state": "USER_STATE_LOCKED"}),
            json!({"traits": {"status": "banned"}}),
        ],
    );
}

#[test]
fn a_role_or_group_with_a_lock_word_keeps_the_account_out() {
    have_the_status(
        StatusKind::Disabled,
        &[json!({"group": "Banned"}), json!({"groups": "banned"}), json!({"role": "banned"})],
    );
    have_the_status(
        StatusKind::Pending,
        &[
            json!({"groups": ["Banned Users"]}),
            json!({"roles": ["Banned Users"]}),
            json!({"role": "ROLE_BANNED"}),
            json!({"roles": ["banned_user"]}),
            json!({"authorities": ["ROLE_DISABLED"]}),
            json!({"usergroup": "Banned Users"}), // vBulletin
            json!({"memberOf": ["CN=Disabled Users,DC=example,DC=com"]}),
        ],
    );
}

#[test]
fn an_account_that_awaits_confirmation_is_pending() {
    have_the_status(
        StatusKind::Pending,
        &[
            json!({"pending": true}),
            json!({"is_pending": "1"}),
            json!({"pending_approval": true}),
            json!({"invited": true}),
            json!({"unverified": true}),
            json!({"unconfirmed": true}),
            json!({"needs_verification": true}),
            json!({"awaiting_approval": true}),
            json!({"status": "registered"}),
        ],
    );
    have_the_status(StatusKind::Disabled, &[json!({"admin_approved": false})]);
}

#[test]
fn a_lock_at_any_depth_counts() {
    let deep = json!({"a": {"b": {"c": {"d": {"e": {"f": {"banned": true}}}}}}});
    have_the_status(
        StatusKind::Pending,
        &[
            deep,
            json!({"Attributes": [{"Name": "custom:blocked", "Value": "true"}]}), // Cognito
            json!({"usermeta": [{"meta_key": "ja_disable_user", "meta_value": "1"}]}), // WordPress
            json!({"flags": "[\"banned\"]"}),
        ],
    );
    have_the_status(
        StatusKind::Disabled,
        &[
            json!({"account": [{"banned": true}]}),
            json!({"accounts": [{"disabled": true}]}),
            json!({"flags": [{"banned": true}]}),
            json!({"profile": "[{\"locked\":true}]"}),
            json!({"core": {"enabled": "false"}}),
            json!({"urn:example:scim:schemas:extension:1.0:User": {"active": false}}),
        ],
    );
}

#[test]
fn locks_in_other_languages_are_recognised() {
    have_the_status(
        StatusKind::Disabled,
        &[
            json!({"gesperrt": true}),
            json!({"aktiv": 0}),
            json!({"actif": false}),
            json!({"activo": "N"}),
            json!({"bloqueado": true}),
            json!({"ativo": false}),
            json!({"attivo": 0}),
        ],
    );
}

#[test]
fn an_account_that_waits_for_its_approval_is_unverified() {
    for record in [
        json!({"waiting_for_approval": true}),
        json!({"waitingForApproval": 1}),
        json!({"awaiting_admin_approval": true}),
        json!({"waiting_for": "approval"}),
        json!({"approval": "waiting"}),
        json!({"approval": "pending"}),
        json!({"approval_status": "pending"}),
        json!({"approvalStatus": "AWAITING_APPROVAL"}),
        json!({"account_approval_state": "waiting for approval"}),
        json!({"activation_status": "pending"}),
        json!({"verification_status": "unverified"}),
        json!({"membership_status": "pending"}),
        json!({"approval": {"status": "pending"}}),
        json!({"user_type": "invited"}),
        json!({"flags": ["pending"]}),
        json!({"status": "waiting for approval"}),
        json!({"status": "waiting_for_approval"}),
        json!({"status": "awaiting_approval"}),
        json!({"status": "PendingVerification"}),
        json!({"status": "approval pending"}),
        json!({"status": "needs email confirmation"}),
        json!({"account": {"status": "awaiting-activation"}}),
    ] {
        assert_eq!(reasons(&record), [PendingReason::Unverified], "{record}");
    }
}

#[test]
fn an_approval_that_was_refused_or_is_unclear_is_not_understood() {
    for record in [
        json!({"approval": false}),
        json!({"approval": 0}),
        json!({"approval": "rejected"}),
        json!({"approval_status": 2}),
        json!({"approval_status": "denied"}),
        json!({"approval": "0000-00-00"}),
        json!({"status": "pending deletion"}),
    ] {
        assert_eq!(reasons(&record), [PendingReason::NotUnderstood], "{record}");
    }
}

#[test]
fn healthy_accounts_are_active_and_nothing_is_reported() {
    for record in [
        // Discourse: a suspension that is over.
        json!({"active": true, "suspended_at": "2020-01-01T00:00:00Z", "suspended_till": "2020-02-01T00:00:00Z"}),
        json!({"banned_at": "2020-01-01", "banned_until": "2020-02-01"}),
        json!({"status": "ACTIVE", "activated": "2013-06-24T16:39:19.000Z"}), // Okta
        json!({"user_state": "valid"}),                                       // XenForo
        json!({"state": "USER_STATE_ACTIVE"}),                                // Zitadel
        json!({"isActive": {"$numberInt": "1"}}),                             // MongoDB
        json!({"delete_self_enabled": true}),                                 // Clerk
        json!({"expires": "9999-12-31"}),
        json!({"expires": "9999-12-31T23:59:59Z"}),
        json!({"locked_at": "\\N", "deleted_at": "NULL", "banned_until": "None", "archived_at": "NaT"}),
        json!({"unlocked_at": "2020-01-01"}),
        json!({"unban_at": "2020-01-01"}),
        json!({"newsletter_disabled": true, "subscription_status": "expired", "mfa_state": "disabled"}),
        json!({"valid_from": "2020-01-01", "pending": false, "invited_at": "2020-01-01", "pending_invites": []}),
        json!({"user_type": "member", "account_type": 0, "theme_mode": "dark"}),
        json!({"sambaAcctFlags": "[U          ]"}),
        json!({"contract_end": "9999-12-31", "is_spammer": false, "spam": "0"}),
        json!({"roles": ["editor"], "group": null}),
        json!({"approval": "approved", "approval_status": "approved", "activation_status": "done"}),
        json!({"approval": true, "approval_status": 1, "activation": "2020-01-01"}),
        json!({"waiting_for_approval": false, "verification_status": "verified", "user_type": "new"}),
    ] {
        assert_eq!(read(&record), (Status::Active, vec![]), "{record}");
    }
}
