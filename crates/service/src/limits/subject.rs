//! What a secret is held against, and by whom.

use roster_domain::{ClientNetwork, Login, User, UserId};

/// What a secret is held against.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Subject<'a> {
    /// A name that somebody logs in with.
    Login(&'a str),
    /// Oneself, once more, with an access token: nobody else can use up these attempts.
    Confirmation(UserId),
}

impl<'a> Subject<'a> {
    /// A name in its canonical spelling.
    pub(crate) fn login(login: &'a Login) -> Self {
        Self::Login(login.key())
    }
}

/// Somebody who shows a secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CredentialCheck<'a> {
    /// What the secret is held against.
    pub(crate) subject: Subject<'a>,
    /// Who that is, if anybody.
    pub(crate) user: Option<UserId>,
    /// Who shows it.
    pub(crate) client: ClientNetwork,
}

/// All that a user may be called at login.
pub(super) fn names(user: &User) -> impl Iterator<Item = Login> {
    let email = user.email.as_ref().map(|email| Login::new(email.as_str()));
    let alias = user.login_alias.as_ref().map(|alias| Login::new(alias.as_str()));
    std::iter::once(Login::new(user.username.as_str())).chain(email).chain(alias)
}
