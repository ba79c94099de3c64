//! One try at a secret, from its admission to its outcome.

use super::{LimitSettings, Limits, Micros, Subject};
use jiff::Timestamp;
use roster_domain::{ClientNetwork, Login, User, UserId};

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

/// An attempt that was admitted. It counts as a failure from the beginning, so that many at once are no way
/// around the limits, and goes on counting as one if it is dropped: whoever hangs up has had their try.
#[must_use = "say how it ended"]
pub(crate) struct Attempt<'a> {
    limits: &'a Limits,
    /// `None` once it is settled, or where nothing is limited.
    open: Option<Open>,
}

/// What an attempt has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) keys: Keys,
    /// A known pair is neither held to the limits by address and by name, nor counted in them.
    pub(super) exempt: bool,
    pub(super) at: Micros,
    /// What it was admitted by. It ends by the same, whatever is in force then.
    pub(super) settings: LimitSettings,
}

/// Where an attempt is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) client: u64,
    pub(super) subject: u64,
    pub(super) pair: u64,
}

impl<'a> Attempt<'a> {
    pub(super) const fn new(limits: &'a Limits, open: Option<Open>) -> Self {
        Self { limits, open }
    }

    /// It was wrong.
    pub(crate) fn wrong(mut self, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.failed(open, now.as_microsecond());
        }
    }

    /// It was right: the pair begins anew, under each of the user's names, and is known from now on. What was
    /// counted against the address and the name stays: an account of one's own is no way to clear it.
    pub(crate) fn right(mut self, user: &User, client: ClientNetwork, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.succeeded(open, user, client, now.as_microsecond());
        }
    }

    /// It was not decided: the attempt counts for nothing.
    pub(crate) fn undecided(mut self) {
        if let Some(open) = self.open.take() {
            self.limits.withdrawn(open);
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            self.limits.failed(open, open.at);
        }
    }
}

/// All that a user may be called at login.
pub(super) fn names(user: &User) -> impl Iterator<Item = Login> {
    let email = user.email.as_ref().map(|email| Login::new(email.as_str()));
    let alias = user.login_alias.as_ref().map(|alias| Login::new(alias.as_str()));
    std::iter::once(Login::new(user.username.as_str())).chain(email).chain(alias)
}
