//! Callers who were let in, and are not who they were any more when what they asked for is committed.

use crate::kit::{App, PASSWORD, app, by, new_user, secret};
use crate::machines::{a_key, new_account};
use roster_domain::{
    AccountStatus, ApiKeyId, DisplayName, Origin, Permissions, RoleSet, ServiceAccount, StatusKind, User,
};
use roster_service::{
    Call, Completeness, Error, IssuedApiKey, LoggedIn, NewPassword, NewServiceAccount, Precondition,
    RevokeSessions, Rotation, ServiceAccountDraft, UserDraft,
};
use roster_storage::Store;
use std::pin::pin;
use std::sync::Arc;

/// A person, a machine, and whoever wants something of them.
struct Stage {
    app: App,
    ada: Arc<User>,
    session: LoggedIn,
    backup: Arc<ServiceAccount>,
    key: ApiKeyId,
}

async fn stage() -> Stage {
    let app = app();
    app.admin("root").await;
    let (ada, session) = (app.user("ada").await, app.begin("ada").await);
    let backup = app.account(&Call::operator(), "backup").await;
    let key = app.key(&Call::operator(), &backup).await.key.id;
    Stage { app, ada, session, backup, key }
}

impl Stage {
    /// A key for everything, and who made it.
    async fn strong_key(&self) -> (Arc<User>, IssuedApiKey) {
        let maker = self.app.admin("maker").await;
        let new = NewServiceAccount { permissions: Permissions::all(), ..new_account("helpdesk") };
        let account = self.app.roster.create_service_account(&by(&maker), new).await.unwrap();
        let issued = self.app.key(&by(&maker), &account).await;
        (maker, issued)
    }

    async fn machine(&self, issued: &IssuedApiKey) -> Call {
        self.app.roster.authenticate(issued.secret.as_str(), Origin::default()).await.unwrap()
    }

    async fn change(&self, user: &User, draft: UserDraft) {
        let (call, none) = (Call::operator(), Precondition::None);
        self.app.roster.update_user(&call, user.id, &none, Completeness::Partial, &draft).await.unwrap();
    }

    async fn disable(&self, user: &User) {
        self.change(user, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }).await;
    }

    /// How each thing ended that a machine may write: at first a little, at last all of it gone.
    async fn write_everything(&self, call: &Call) -> Vec<Option<Error>> {
        let (roster, none) = (&self.app.roster, Precondition::None);
        let (ada, backup) = (self.ada.id, self.backup.id);
        let renamed =
            UserDraft { display_name: Some(DisplayName::new("Countess").ok()), ..UserDraft::default() };
        let password = NewPassword {
            kind: None,
            precondition: Precondition::None,
            current: None,
            password: secret("known to the machine"),
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

    /// How it ended to make a key, and to rotate one.
    async fn make_keys(&self, call: &Call) -> Vec<Option<Error>> {
        let (roster, backup) = (&self.app.roster, self.backup.id);
        vec![
            roster.create_api_key(call, backup, &a_key()).await.err(),
            roster.rotate_api_key(call, backup, self.key, Rotation::default()).await.err(),
        ]
    }

    async fn a_machine_writes_nothing(&self, call: &Call) {
        let before = self.snapshot().await;
        all_refused(&self.write_everything(call).await);
        assert_eq!(self.snapshot().await, before);
    }

    async fn a_maker_makes_nothing(&self, call: &Call) {
        let before = self.snapshot().await;
        all_refused(&self.make_keys(call).await);
        assert_eq!(self.snapshot().await, before);
    }

    /// The person, how many sessions they have, and the machine.
    async fn snapshot(&self) -> (Option<Arc<User>>, usize, Option<Arc<ServiceAccount>>) {
        let store = &self.app.store;
        let (ada, sessions) = (self.app.now(&self.ada).await, store.sessions(self.ada.id).await.unwrap());
        (ada, sessions.len(), store.service_account(self.backup.id).await.unwrap())
    }
}

fn all_refused(outcomes: &[Option<Error>]) {
    for (number, outcome) in outcomes.iter().enumerate() {
        assert!(matches!(outcome, Some(Error::InvalidToken)), "number {number} in the list: {outcome:?}");
    }
}

#[tokio::test]
async fn who_is_still_the_same_does_it_all() {
    let stage = stage().await;
    let (maker, issued) = stage.strong_key().await;
    for outcome in stage.make_keys(&by(&maker)).await {
        assert!(outcome.is_none(), "{outcome:?}");
    }
    let key = stage.app.key(&by(&maker), &stage.backup).await.key.id;
    let stage = Stage { key, ..stage };
    for outcome in stage.write_everything(&stage.machine(&issued).await).await {
        assert!(outcome.is_none(), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_machine_whose_key_was_revoked_meanwhile_writes_nothing() {
    let stage = stage().await;
    let (maker, issued) = stage.strong_key().await;
    let call = stage.machine(&issued).await;
    stage.app.roster.revoke_api_key(&by(&maker), issued.account.id, issued.key.id).await.unwrap();
    stage.a_machine_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_machine_whose_account_was_disabled_meanwhile_writes_nothing() {
    let stage = stage().await;
    let (maker, issued) = stage.strong_key().await;
    let call = stage.machine(&issued).await;
    let status = Some(AccountStatus::Disabled);
    let draft = ServiceAccountDraft { status, ..ServiceAccountDraft::default() };
    let (none, account) = (Precondition::None, issued.account.id);
    stage.app.roster.update_service_account(&by(&maker), account, &none, &draft).await.unwrap();
    stage.a_machine_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_machine_whose_keys_maker_was_disabled_meanwhile_writes_nothing() {
    let stage = stage().await;
    let (maker, issued) = stage.strong_key().await;
    let call = stage.machine(&issued).await;
    stage.disable(&maker).await;
    stage.a_machine_writes_nothing(&call).await;
}

#[tokio::test]
async fn a_maker_who_was_disabled_meanwhile_makes_no_key() {
    let stage = stage().await;
    let maker = stage.app.admin("maker").await;
    stage.disable(&maker).await;
    stage.a_maker_makes_nothing(&by(&maker)).await;
}

#[tokio::test]
async fn a_maker_who_was_demoted_meanwhile_makes_no_key() {
    let stage = stage().await;
    let maker = stage.app.admin("maker").await;
    let roles = Some(RoleSet::ordinary());
    stage.change(&maker, UserDraft { roles, ..UserDraft::default() }).await;
    stage.a_maker_makes_nothing(&by(&maker)).await;
}

#[tokio::test]
async fn a_maker_who_was_logged_out_meanwhile_makes_no_key() {
    let stage = stage().await;
    let maker = stage.app.admin("maker").await;
    let login = stage.app.begin("maker").await;
    let call = stage.app.authenticate(login.token.as_str()).await.unwrap();
    let operator = Call::operator();
    stage.app.roster.revoke_sessions(&operator, maker.id, RevokeSessions::All).await.unwrap();
    stage.a_maker_makes_nothing(&call).await;
}

/// What becomes of a change of one's own password, if `meanwhile` happens while the present one is looked at.
async fn change_of_ones_own_while<T>(stage: &Stage, meanwhile: impl Future<Output = T>) -> Option<Error> {
    let call = stage.app.authenticate(stage.session.token.as_str()).await.unwrap();
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another fine sentence"),
    };
    let mut change = pin!(stage.app.roster.change_password(&call, stage.ada.id, new));
    stage.app.until_it_hashes(change.as_mut()).await;
    meanwhile.await;
    change.await.err()
}

#[tokio::test]
async fn a_password_that_was_replaced_meanwhile_confirms_nothing() {
    let stage = stage().await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("the one that lasts"),
    };
    let operator = Call::operator();
    let reset = stage.app.roster.change_password(&operator, stage.ada.id, new);
    let outcome = change_of_ones_own_while(&stage, reset).await;
    assert!(matches!(outcome, Some(Error::CurrentPasswordWrong)), "{outcome:?}");
    stage.app.log_in("ada", "the one that lasts").await.unwrap();
}

#[tokio::test]
async fn whoever_has_other_roles_meanwhile_changes_no_password_with_the_token_of_before() {
    let stage = stage().await;
    let roles = Some(RoleSet::administrator());
    let promotion = stage.change(&stage.ada, UserDraft { roles, ..UserDraft::default() });
    let outcome = change_of_ones_own_while(&stage, promotion).await;
    assert!(matches!(outcome, Some(Error::InvalidToken)), "{outcome:?}");
    stage.app.log_in("ada", PASSWORD).await.unwrap();
}
