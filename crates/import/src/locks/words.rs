//! The names and words for locks. Names are normalized, words are in lower case.

/// Common names of fields that say that an account is active.
pub(crate) const STANDARD_ACTIVE_NAMES: [&str; 7] =
    ["status", "accountstatus", "isactive", "active", "enabled", "isenabled", "accountenabled"];

/// Common names of fields that say that an account is disabled.
pub(crate) const STANDARD_DISABLED_NAMES: [&str; 18] = [
    "disabled",
    "isdisabled",
    "disabledat",
    "disabledsince",
    "deleted",
    "isdeleted",
    "deletedat",
    "suspended",
    "issuspended",
    "suspendedat",
    "banned",
    "isbanned",
    "bannedat",
    "blocked",
    "isblocked",
    "blockedat",
    "deactivated",
    "deactivatedat",
];

/// Other names of fields that say that an account is disabled.
pub(crate) const OTHER_DISABLED_NAMES: [&str; 5] = ["delflag", "isdel", "nologin", "disablelogin", "shutout"];

/// Other names of fields that say that an account is active.
pub(crate) const OTHER_ACTIVE_NAMES: [&str; 16] = [
    "accountnonlocked",
    "isaccountnonlocked",
    "nonlocked",
    "accountnonexpired",
    "isaccountnonexpired",
    "nonexpired",
    "credentialsnonexpired",
    "iscredentialsnonexpired",
    "activated",
    "isactivated",
    "approved",
    "isapproved",
    "userstatus",
    "accountstate",
    "userstate",
    "loginallowed",
];

/// Names of fields with the time when an account expires.
pub(crate) const EXPIRY_NAMES: [&str; 22] = [
    "expiresat",
    "expires",
    "expireson",
    "expiry",
    "expirydate",
    "expiredate",
    "expirationdate",
    "expirationtime",
    "expiration",
    "validuntil",
    "validto",
    "validtill",
    "accountexpires",
    "accountexpiresat",
    "accountexpiry",
    "accountexpirydate",
    "accountexpirationdate",
    "accountvaliduntil",
    "krbprincipalexpiration",
    "shadowexpire",
    "activeuntil",
    "enddate",
];

/// Words for a lock.
pub(crate) const LOCK_WORDS: [&str; 61] = [
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
];

/// Words that do not change the meaning of a lock word beside them.
pub(crate) const NEUTRAL_WORDS: [&str; 34] = [
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
];

/// Words for the end of a lock.
pub(crate) const UNTIL_WORDS: [&str; 9] =
    ["until", "till", "end", "ends", "expires", "expiry", "expiration", "to", "release"];

/// Words that negate a name.
pub(crate) const NEGATION_WORDS: [&str; 4] = ["not", "non", "never", "without"];

/// Words for a lock that was removed.
pub(crate) const UNLOCK_WORDS: [&str; 7] =
    ["unlocked", "unbanned", "unblocked", "unsuspended", "undeleted", "unrestricted", "undisabled"];

/// Lock words that are nouns. A number or a past time beside one is not a current lock.
pub(crate) const LOCK_NOUNS: [&str; 6] = ["lock", "lockout", "ban", "bans", "block", "suspension"];

/// Last words of the name of a counter, beside any lock word.
pub(crate) const COUNT_WORDS: [&str; 4] = ["version", "count", "counter", "total"];

/// Last words of the name of a number, beside a noun.
pub(crate) const MEASURE_WORDS: [&str; 9] =
    ["attempts", "failed", "threshold", "duration", "limit", "num", "number", "timeout", "policy"];

/// Words for the past.
pub(crate) const PAST_WORDS: [&str; 2] = ["last", "previous"];

/// Last words of the name of a list of other accounts or their belongings.
pub(crate) const OTHER_ACCOUNT_WORDS: [&str; 14] = [
    "users", "ids", "people", "members", "contacts", "friends", "emails", "senders", "domains", "ips",
    "profiles", "accounts", "posts", "messages",
];

/// Words for an active account. They count only beside [`ACCOUNT_WORDS`].
pub(crate) const ACTIVE_WORDS: [&str; 12] = [
    "active",
    "enabled",
    "status",
    "state",
    "approved",
    "allowed",
    "activated",
    "permitted",
    "can",
    "may",
    "allow",
    "enable",
];

/// Those of [`ACTIVE_WORDS`] that count only beside a word for a login.
pub(crate) const PERMISSION_WORDS: [&str; 3] = ["can", "may", "allow"];

/// Words for a login.
pub(crate) const LOGIN_WORDS: [&str; 5] = ["login", "signin", "logon", "log", "sign"];

/// Words for the account itself.
pub(crate) const ACCOUNT_WORDS: [&str; 23] = [
    "is",
    "was",
    "has",
    "been",
    "be",
    "account",
    "acct",
    "user",
    "login",
    "signin",
    "logon",
    "log",
    "sign",
    "in",
    "member",
    "person",
    "lifecycle",
    "current",
    "currently",
    "by",
    "record",
    "flag",
    "access",
];

/// Lock words that count even inside a longer word: `profilelocked`.
pub(crate) const EMBEDDED_LOCK_WORDS: [&str; 12] = [
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
