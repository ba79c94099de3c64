//! The words for locks, in lower case.

/// Words for a lock.
pub(crate) const LOCK_WORDS: &[&str] = &[
    "lock",
    "locked",
    "lockout",
    "lockedout",
    "ban",
    "bans",
    "banned",
    "block",
    "blocked",
    "disable",
    "disabled",
    "suspend",
    "suspended",
    "suspension",
    "inactive",
    "deactivated",
    "archived",
    "deleted",
    "removed",
    "discarded",
    "terminated",
    "expelled",
    "expired",
    "frozen",
    "revoked",
    "closed",
    "barred",
    "blacklisted",
    "denied",
    "quarantined",
    "shadowbanned",
    "kicked",
    "dismissed",
    "offboarded",
    "retired",
    "delete",
    "deactivate",
    "deactivation",
    "trashed",
    "cancelled",
    "canceled",
    "restricted",
    "restriction",
    "forbidden",
    "nologin",
    "oblockout",
    "disallowed",
    "prohibited",
    "rejected",
    "deprovisioned",
    "compromised",
    "suspensions",
    "deletion",
    "restrictions",
    "inactivated",
    "unapproved",
    "withdrawn",
    "purged",
    "erased",
    "excluded",
    "shutout",
    "prohibit",
    "deny",
    "prevent",
    "prevented",
    "disallow",
    "refuse",
    "refused",
    "forbid",
    "denylist",
    "denylisted",
    "blocklist",
    "blocklisted",
    "blacklist",
    "paused",
    "deceased",
    "anonymized",
    "anonymised",
    "spam",
    "spammer",
    "hold",
    "held",
    "sanctioned",
    "dormant",
    "archive",
    "locks",
    "blocking",
    "ended",
    "inhibited",
];

/// Words that do not change the meaning of a lock word beside them.
pub(crate) const NEUTRAL_WORDS: &[&str] = &[
    "is",
    "was",
    "has",
    "been",
    "account",
    "acct",
    "user",
    "login",
    "signin",
    "member",
    "at",
    "on",
    "since",
    "from",
    "time",
    "date",
    "datetime",
    "timestamp",
    "ts",
    "utc",
    "epoch",
    "ms",
    "flag",
    "status",
    "out",
    "admin",
    "by",
    "soft",
    "temporarily",
    "permanently",
    "manually",
    "ns",
    "currently",
    "state",
    "benutzer",
    "konto",
    "utilisateur",
    "compte",
    "usuario",
    "cuenta",
    "conta",
    "utente",
];

/// Words for the end of a lock.
pub(crate) const UNTIL_WORDS: &[&str] =
    &["until", "till", "end", "ends", "expires", "expiry", "expiration", "to", "release"];

/// Words that negate a name.
pub(crate) const NEGATION_WORDS: &[&str] = &["not", "non", "never", "without"];

/// Words for a lock that was removed.
pub(crate) const UNLOCK_WORDS: &[&str] = &[
    "unlocked",
    "unbanned",
    "unblocked",
    "unsuspended",
    "undeleted",
    "unrestricted",
    "undisabled",
    "unban",
    "unlock",
    "unblock",
    "unsuspend",
];

/// Lock words that are nouns. A number or a past time beside one is not a current lock.
pub(crate) const LOCK_NOUNS: &[&str] = &["lock", "lockout", "ban", "bans", "block", "suspension", "hold"];

/// Last words of the name of a counter, beside any lock word.
pub(crate) const COUNT_WORDS: &[&str] = &["version", "count", "counter", "total"];

/// Last words of the name of a number, beside a noun.
pub(crate) const MEASURE_WORDS: &[&str] =
    &["attempts", "failed", "threshold", "duration", "limit", "num", "number", "timeout", "policy"];

/// Words for the past.
pub(crate) const PAST_WORDS: &[&str] = &["last", "previous"];

/// Last words of the name of a list of other accounts or their belongings.
pub(crate) const OTHER_ACCOUNT_WORDS: &[&str] = &[
    "users", "ids", "people", "members", "contacts", "friends", "emails", "senders", "domains", "ips",
    "profiles", "accounts", "posts", "messages",
];

/// Lock words that count even inside a longer word: `profilelocked`.
pub(crate) const EMBEDDED_LOCK_WORDS: &[&str] = &[
    "locked",
    "banned",
    "blocked",
    "disabled",
    "suspended",
    "deactivated",
    "terminated",
    "blacklisted",
    "archived",
    "deleted",
    "revoked",
    "inactive",
];

/// Lock words that count even inside the name of a role or a group: `ROLE_BANNED`, `Disabled Users`.
pub(crate) const STRONG_LOCK_WORDS: &[&str] = &[
    "banned",
    "suspended",
    "disabled",
    "blocked",
    "deactivated",
    "locked",
    "terminated",
    "expelled",
    "inactive",
    "deleted",
    "blacklisted",
    "denylisted",
    "shadowbanned",
    "removed",
    "revoked",
    "archived",
    "expired",
    "frozen",
    "gesperrt",
    "deaktiviert",
    "bloqueado",
    "bloqueados",
    "suspendu",
    "banni",
    "bloccato",
];
