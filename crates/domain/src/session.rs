//! Sessions: logins that continue, with their refresh tokens.

use crate::{RefreshChain, SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// A session, as it is stored: a login that continues until it is ended or expires.
///
/// An access token names its session and is rejected once the session is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Never changes, and is never reused.
    pub id: SessionId,
    /// The user.
    pub user: UserId,
    /// The client's description of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceLabel>,
    /// The address of its last use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The address of the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_ip: Option<IpAddr>,
    /// The time of the login.
    pub created_at: Timestamp,
    /// When the user last authenticated: `auth_time` of the tokens.
    pub authenticated_at: Timestamp,
    /// How the user authenticated: `amr` of the tokens.
    pub methods: Vec<AuthenticationMethod>,
    /// The time of its last use, to within a minute.
    pub last_seen_at: Timestamp,
    /// When it expires unless it is used.
    pub idle_until: Timestamp,
    /// When it ends, however much it is used.
    pub ends_at: Timestamp,
    /// The current refresh token, and earlier ones that a slow client may still hold.
    pub refresh: RefreshChain,
}

/// A method of authentication, with the names of RFC 8176, section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthenticationMethod {
    /// `pwd`: a password.
    #[serde(rename = "pwd")]
    Password,
}

/// The lifetime of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// How long a session may be idle.
    pub idle: SignedDuration,
    /// How long a session lasts at most.
    pub absolute: SignedDuration,
}

impl SessionLifetime {
    /// How often a use is recorded: once a minute, or twice in the time that a session may be idle, whichever is
    /// shorter.
    #[must_use]
    pub fn seen_every(self) -> SignedDuration {
        SignedDuration::from_mins(1).min(self.idle / 2)
    }
}

impl Session {
    /// A session that begins now, with a password.
    #[must_use]
    pub fn begin(
        id: SessionId,
        user: UserId,
        refresh: RefreshChain,
        lifetime: SessionLifetime,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            user,
            device: None,
            ip: None,
            login_ip: None,
            created_at: now,
            authenticated_at: now,
            methods: vec![AuthenticationMethod::Password],
            last_seen_at: now,
            idle_until: later(now, lifetime.idle),
            ends_at: later(now, lifetime.absolute),
            refresh,
        }
    }

    /// When it ends unless it is used.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.idle_until.min(self.ends_at)
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// The session after a use from `ip`.
    #[must_use]
    pub fn seen(self, ip: Option<IpAddr>, lifetime: SessionLifetime, now: Timestamp) -> Self {
        let idle_until = later(now, lifetime.idle).max(self.idle_until);
        Self { ip: ip.or(self.ip), last_seen_at: now.max(self.last_seen_at), idle_until, ..self }
    }

    /// The session after its user authenticated again: its refresh tokens are of a new family, so all earlier ones
    /// are worthless.
    #[must_use]
    pub fn authenticated_anew(self, refresh: RefreshChain, now: Timestamp) -> Self {
        Self { authenticated_at: now, refresh, ..self }
    }
}

impl AuthenticationMethod {
    /// Every method.
    pub const ALL: [Self; 1] = [Self::Password];

    /// The name in tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }
}

/// Times beyond the last representable one count as that one.
fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// A client's description of itself, for users to recognise their sessions: the printable ASCII of its user agent,
/// cut to [`Self::MAX_LEN`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct DeviceLabel(Box<str>);

impl DeviceLabel {
    /// The maximum number of characters.
    pub const MAX_LEN: usize = 200;

    /// Takes a client's description. Characters that cannot be shown on one line are dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let shown = text.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ');
        let shown: String = shown.take(Self::MAX_LEN).collect();
        Self(shown.trim().into())
    }

    /// The text, possibly empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DeviceLabel {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<DeviceLabel> for String {
    fn from(label: DeviceLabel) -> Self {
        label.0.into()
    }
}

impl fmt::Display for DeviceLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenDigest;

    const LIFETIME: SessionLifetime =
        SessionLifetime { idle: SignedDuration::from_hours(1), absolute: SignedDuration::from_hours(3) };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn session() -> Session {
        let id = SessionId::new(at(0), [1; 10]);
        let refresh = RefreshChain::new(TokenDigest::of(b"family"), TokenDigest::of(b"token"));
        Session::begin(id, UserId::new(at(0), [2; 10]), refresh, LIFETIME, at(0))
    }

    #[test]
    fn an_idle_session_expires() {
        assert!(session().is_live(at(59)));
        assert!(!session().is_live(at(60)));
    }

    #[test]
    fn uses_are_recorded_often_enough_to_keep_a_session_with_a_short_idle_time_alive() {
        let short = SessionLifetime { idle: SignedDuration::from_secs(10), ..LIFETIME };
        assert_eq!(LIFETIME.seen_every(), SignedDuration::from_mins(1));
        assert_eq!(short.seen_every(), SignedDuration::from_secs(5));
    }

    #[test]
    fn use_keeps_a_session_alive_but_not_for_ever() {
        let used = session().seen(None, LIFETIME, at(50)).seen(None, LIFETIME, at(100));
        assert!(used.is_live(at(159)));
        let used = used.seen(None, LIFETIME, at(150));
        assert!(used.is_live(at(179)));
        assert!(!used.is_live(at(180)));
    }

    #[test]
    fn a_use_that_is_recorded_late_takes_nothing_back() {
        let used = session().seen(Some([10, 0, 0, 1].into()), LIFETIME, at(50));
        assert_eq!(used.clone().seen(None, LIFETIME, at(20)), used);
    }

    #[test]
    fn a_use_updates_time_and_address() {
        let ip = Some([10, 0, 0, 1].into());
        let used = session().seen(ip, LIFETIME, at(50));
        assert_eq!((used.ip, used.login_ip, used.last_seen_at), (ip, None, at(50)));
        assert_eq!(used.seen(None, LIFETIME, at(51)).ip, ip, "better known than not");
    }

    #[test]
    fn authenticating_again_replaces_the_refresh_tokens() {
        let other = RefreshChain::new(TokenDigest::of(b"another"), TokenDigest::of(b"other"));
        let anew = session().authenticated_anew(other.clone(), at(30));
        assert_eq!((anew.authenticated_at, &anew.refresh, anew.created_at), (at(30), &other, at(0)));
        assert_eq!(anew.methods.iter().map(|method| method.as_str()).collect::<Vec<_>>(), ["pwd"]);
    }

    #[test]
    fn a_device_label_fits_on_a_line() {
        let label = DeviceLabel::new("Mozilla/5.0\r\n\u{202e}(X11)\0 ");
        assert_eq!(label.as_str(), "Mozilla/5.0(X11)");
        assert_eq!(
            (label.to_string(), String::from(label)),
            ("Mozilla/5.0(X11)".into(), "Mozilla/5.0(X11)".into())
        );
        assert_eq!(DeviceLabel::new(&"x".repeat(1_000)).as_str().len(), DeviceLabel::MAX_LEN);
    }
}
