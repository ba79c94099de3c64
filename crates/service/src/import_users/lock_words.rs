//! Names and words by which systems tell that an account is shut.

/// Names that go without saying, of accounts that are open.
pub(super) const PLAINLY_OPEN: [&str; 7] =
    ["status", "accountstatus", "isactive", "active", "enabled", "isenabled", "accountenabled"];

/// Names that go without saying, of accounts that are shut.
pub(super) const PLAINLY_SHUT: [&str; 18] = [
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

/// Other names of accounts that are shut.
pub(super) const SHUT: [&str; 5] = ["delflag", "isdel", "nologin", "disablelogin", "shutout"];

/// Other names of accounts that are open.
pub(super) const OPEN: [&str; 16] = [
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

/// Names of the time when an account ends.
pub(super) const ENDS: [&str; 22] = [
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

/// Words of a lock.
pub(super) const LOCKS: [&str; 61] = [
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

/// Words beside a lock that leave its meaning alone.
pub(super) const NEUTRAL: [&str; 34] = [
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

/// Words that say until when.
pub(super) const UNTIL: [&str; 9] =
    ["until", "till", "end", "ends", "expires", "expiry", "expiration", "to", "release"];

/// Words that turn the meaning of a name round.
pub(super) const NEGATIONS: [&str; 4] = ["not", "non", "never", "without"];

/// Words of a lock that was taken away.
pub(super) const UNLOCKS: [&str; 7] =
    ["unlocked", "unbanned", "unblocked", "unsuspended", "undeleted", "unrestricted", "undisabled"];

/// Words of a lock as a thing: a number or a past time beside them is no lock that is in force.
pub(super) const NOUNS: [&str; 6] = ["lock", "lockout", "ban", "bans", "block", "suspension"];

/// Last words of a number of things, whatever the lock.
pub(super) const COUNTS: [&str; 4] = ["version", "count", "counter", "total"];

/// Last words of a number beside a lock as a thing.
pub(super) const MEASURES: [&str; 9] =
    ["attempts", "failed", "threshold", "duration", "limit", "num", "number", "timeout", "policy"];

/// Words of a time that is over.
pub(super) const PAST: [&str; 2] = ["last", "previous"];

/// Last words of a list of other people and their things.
pub(super) const OTHERS: [&str; 14] = [
    "users", "ids", "people", "members", "contacts", "friends", "emails", "senders", "domains", "ips",
    "profiles", "accounts", "posts", "messages",
];

/// Words of an account that is open, which say it only beside [`ACCOUNT`].
pub(super) const OPENS: [&str; 12] = [
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

/// Those of [`OPENS`] that need a login beside them.
pub(super) const PERMITS: [&str; 3] = ["can", "may", "allow"];

/// Words of a login.
pub(super) const LOGINS: [&str; 5] = ["login", "signin", "logon", "log", "sign"];

/// Words of the account itself.
pub(super) const ACCOUNT: [&str; 23] = [
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

/// Words of a lock that are told even inside a longer word: `profilelocked`.
pub(super) const INSIDE: [&str; 12] = [
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
