//! Callers who lose access between authentication and commit.

use crate::kit::{App, PASSWORD, app, by, new_user, secret};
use crate::service_accounts::{key_draft, new_account};
use roster_domain::{
    AccountStatus, ApiKeyId, DisplayName, Origin, RoleSet, ServiceAccount, StatusKind, User,
};
use roster_service::{
    Call, Completeness, Error, IssuedApiKey, LoggedIn, NewPassword, NewServiceAccount, Precondition,
    RevokeSessions, Rotation, ServiceAccountDraft, UserDraft,
};
use roster_storage::Store;
use std::pin::pin;
use std::sync::Arc;

/// A user and a service account that callers try to change.
struct Setup {
    app: App,
    ada: Arc<User>,
    session: LoggedIn,
    backup: Arc<ServiceAccount>,
    key: ApiKeyId,
}

async fn setup() -> Setup {
    let app = app();
    app.admin("root").await;
    let (ada, session) = (app.user("ada").await, app.start_session("ada").await);
    let backup = app.account(&Call::operator(), "backup").await;
    let key = app.key(&Call::operator(), &backup).await.key.id;
    Setup { app, ada, session, backup, key }
}

impl Setup {
    /// An API key with all permissions, and the user who created it.
    async fn strong_key(&self) -> (Arc<User>, IssuedApiKey) {
        let creator = self.app.admin("creator").await;
        let new = NewServiceAccount {
            permissions: RoleSet::administrator().permissions(),
            ..new_account("helpdesk")
        };
        let account = self.app.roster.create_service_account(&by(&creator), new).await.unwrap();
        let issued = self.app.key(&by(&creator), &account).await;
        (creator, issued)
    }

    async fn service_account(&self, issued: &IssuedApiKey) -> Call {
        self.app.roster.authenticate(issued.secret.as_str(), Origin::default()).await.unwrap()
    }

    async fn change(&self, user: &User, draft: UserDraft) {
        let (call, none) = (Call::operator(), Precondition::None);
        self.app.roster.update_user(&call, user.id, &none, Completeness::Partial, &draft).await.unwrap();
    }

    async fn disable(&self, user: &User) {
        self.change(user, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }).await;
    }

    /// Runs every use case with which a service account can write, and returns the errors. Deletes come last.
    async fn write_everything(&self, call: &Call) -> Vec<Option<Error>> {
        let (roster, none) = (&self.app.roster, Precondition::None);
        let (ada, backup) = (self.ada.id, self.backup.id);
        let renamed =
            UserDraft { display_name: Some(DisplayName::new("Countess").ok()), ..UserDraft::default() };
        let password = NewPassword {
            kind: None,
            precondition: Precondition::None,
            current: None,
            password: secret("known to the service account"),
        };
        let disabled =
            ServiceAccountDraft { status: Some(AccountStatus::Disabled), ..ServiceAccountDraft::default() };
        vec![
            roster.register_user(call, new_user("accomplice")).await.err(),
            roster.update_user(call, ada, &none, Completeness::Partial, &renamed).await.err(),
            roster.revoke_session(call, ada, self.session.session.id).await.err(),
            roster.revoke_sessions(call, ada, RevokeSessions::All).await.err(),
            roster.change_password(call, ada, password).await.err(),
            roster.create_service_account(call, new_account("another")).await.err(),
            roster.revoke_api_key(call, backup, self.key).await.err(),
            roster.update_service_account(call, backup, &none, &disabled).await.err(),
            roster.delete_service_account(call, backup, &none).await.err(),
            roster.delete_user(call, ada, &none).await.err(),
        ]
    }

    /// Creates a key and rotates one, and returns the errors.
    async fn make_keys(&self, call: &Call) -> Vec<Option<Error>> {
        let (roster, backup) = (&self.app.roster, self.backup.id);
        vec![
            roster.create_api_key(call, backup, &key_draft()).await.err(),
            roster.rotate_api_key(call, backup, self.key, Rotation::default()).await.err(),
        ]
    }

    async fn assert_service_account_writes_nothing(&self, call: &Call) {
        let before = self.snapshot().await;
        assert_all_rejected(&self.write_everything(call).await);
        assert_eq!(self.snapshot().await, before);
    }

    async fn assert_creator_creates_no_key(&self, call: &Call) {
        let before = self.snapshot().await;
        assert_all_rejected(&self.make_keys(call).await);
        assert_eq!(self.snapshot().await, before);
    }

    /// The user, the number of their sessions, and the service account.
    async fn snapshot(&self) -> (Option<Arc<User>>, usize, Option<Arc<ServiceAccount>>) {
        let store = &self.app.store;
        let (ada, sessions) = (self.app.reload(&self.ada).await, store.sessions(self.ada.id).await.unwrap());
        (ada, sessions.len(), store.service_account(self.backup.id).await.unwrap())
    }
}

fn assert_all_rejected(outcomes: &[Option<Error>]) {
    for (number, outcome) in outcomes.iter().enumerate() {
        assert!(matches!(outcome, Some(Error::InvalidToken)), "use case {number}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_caller_whose_access_has_not_changed_can_write() {
    let setup = setup().await;
    let (creator, issued) = setup.strong_key().await;
    for outcome in setup.make_keys(&by(&creator)).await {
        assert!(outcome.is_none(), "{outcome:?}");
    }
    let key = setup.app.key(&by(&creator), &setup.backup).await.key.id;
    let setup = Setup { key, ..setup };
    for outcome in setup.write_everything(&setup.service_account(&issued).await).await {
        assert!(outcome.is_none(), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_service_account_cannot_write_after_its_key_was_revoked() {
    let setup = setup().await;
    let (creator, issued) = setup.strong_key().await;
    let call = setup.service_account(&issued).await;
    setup.app.roster.revoke_api_key(&by(&creator), issued.account.id, issued.key.id).await.unwrap();
    setup.assert_service_account_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_service_account_cannot_write_after_its_account_was_disabled() {
    let setup = setup().await;
    let (creator, issued) = setup.strong_key().await;
    let call = setup.service_account(&issued).await;
    let status = Some(AccountStatus::Disabled);
    let draft = ServiceAccountDraft { status, ..ServiceAccountDraft::default() };
    let (none, account) = (Precondition::None, issued.account.id);
    setup.app.roster.update_service_account(&by(&creator), account, &none, &draft).await.unwrap();
    setup.assert_service_account_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_service_account_cannot_write_after_the_creator_of_its_key_was_disabled() {
    let setup = setup().await;
    let (creator, issued) = setup.strong_key().await;
    let call = setup.service_account(&issued).await;
    setup.disable(&creator).await;
    setup.assert_service_account_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_user_cannot_make_keys_after_they_were_disabled() {
    let setup = setup().await;
    let creator = setup.app.admin("creator").await;
    setup.disable(&creator).await;
    setup.assert_creator_creates_no_key(&by(&creator)).await;
}

#[tokio::test]
async fn a_user_cannot_make_keys_after_they_were_demoted() {
    let setup = setup().await;
    let creator = setup.app.admin("creator").await;
    let roles = Some(RoleSet::ordinary());
    setup.change(&creator, UserDraft { roles, ..UserDraft::default() }).await;
    setup.assert_creator_creates_no_key(&by(&creator)).await;
}

#[tokio::test]
async fn a_user_cannot_make_keys_after_they_were_logged_out() {
    let setup = setup().await;
    let creator = setup.app.admin("creator").await;
    let login = setup.app.start_session("creator").await;
    let call = setup.app.authenticate(login.token.as_str()).await.unwrap();
    let operator = Call::operator();
    setup.app.roster.revoke_sessions(&operator, creator.id, RevokeSessions::All).await.unwrap();
    setup.assert_creator_creates_no_key(&call).await;
}

/// Changes the user's own password and runs `meanwhile` while the current one is verified. Returns the error.
async fn change_own_password_while<T>(setup: &Setup, meanwhile: impl Future<Output = T>) -> Option<Error> {
    let call = setup.app.authenticate(setup.session.token.as_str()).await.unwrap();
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another fine sentence"),
    };
    let mut change = pin!(setup.app.roster.change_password(&call, setup.ada.id, new));
    setup.app.run_until_hashing(change.as_mut()).await;
    meanwhile.await;
    change.await.err()
}

#[tokio::test]
async fn a_password_change_fails_if_the_confirmed_password_was_replaced_meanwhile() {
    let setup = setup().await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("the one that lasts"),
    };
    let operator = Call::operator();
    let reset = setup.app.roster.change_password(&operator, setup.ada.id, new);
    let outcome = change_own_password_while(&setup, reset).await;
    assert!(matches!(outcome, Some(Error::CurrentPasswordWrong)), "{outcome:?}");
    setup.app.log_in("ada", "the one that lasts").await.unwrap();
}

#[tokio::test]
async fn a_password_change_fails_if_the_users_roles_changed_meanwhile() {
    let setup = setup().await;
    let roles = Some(RoleSet::administrator());
    let promotion = setup.change(&setup.ada, UserDraft { roles, ..UserDraft::default() });
    let outcome = change_own_password_while(&setup, promotion).await;
    assert!(matches!(outcome, Some(Error::InvalidToken)), "{outcome:?}");
    setup.app.log_in("ada", PASSWORD).await.unwrap();
}
