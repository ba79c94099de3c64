//! Whose credential is checked, and for which client.

use roster_domain::{ClientNetwork, Login, User, UserId};

/// Whose credential is checked.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Subject<'a> {
    /// The account with this login name.
    Login(&'a str),
    /// The calling user, who confirms their password. The attempts are counted apart from logins, so that nobody else
    /// can use them up.
    Confirmation(UserId),
}

impl<'a> Subject<'a> {
    /// The canonical spelling of a login name.
    pub(crate) fn login(login: &'a Login) -> Self {
        Self::Login(login.key())
    }
}

/// A credential to check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CredentialCheck<'a> {
    /// The login name or user that it is checked for.
    pub(crate) subject: Subject<'a>,
    /// The user, if there is one.
    pub(crate) user: Option<UserId>,
    /// The client that sent it.
    pub(crate) client: ClientNetwork,
}

/// All names that a user can log in with.
pub(super) fn names(user: &User) -> impl Iterator<Item = Login> {
    let email = user.email.as_ref().map(|email| Login::new(email.as_str()));
    let alias = user.login_alias.as_ref().map(|alias| Login::new(alias.as_str()));
    std::iter::once(Login::new(user.username.as_str())).chain(email).chain(alias)
}
