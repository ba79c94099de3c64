//! The names and words for locks. Names are normalized, words are in lower case.

/// Common names of fields that say that an account is active.
pub(crate) const STANDARD_ACTIVE_NAMES: &[&str] =
    &["status", "accountstatus", "isactive", "active", "enabled", "isenabled", "accountenabled"];

/// Common names of fields that say that an account is disabled.
pub(crate) const STANDARD_DISABLED_NAMES: &[&str] = &[
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
pub(crate) const OTHER_DISABLED_NAMES: &[&str] =
    &["delflag", "isdel", "nologin", "disablelogin", "shutout", "delyn", "deleteyn", "deletedyn"];

/// Other names of fields that say that an account is active.
pub(crate) const OTHER_ACTIVE_NAMES: &[&str] = &[
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
    "useyn",
    "enableyn",
    "activeyn",
    "authorized",
    "isauthorized",
    "valid",
    "isvalid",
    "accountvalid",
    "uservalid",
    "orclisenabled",
];

/// Names of fields with the time when an account expires.
pub(crate) const EXPIRY_NAMES: &[&str] = &[
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
    "sambakickofftime",
    "expireat",
    "expire",
];

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
    "gesperrt",
    "sperre",
    "deaktiviert",
    "inaktiv",
    "gelöscht",
    "geloescht",
    "gekündigt",
    "inactif",
    "désactivé",
    "desactive",
    "bloqué",
    "bloque",
    "supprimé",
    "suspendu",
    "banni",
    "inactivo",
    "bloqueado",
    "suspendido",
    "eliminado",
    "deshabilitado",
    "desactivado",
    "inativo",
    "suspenso",
    "desativado",
    "excluido",
    "inattivo",
    "bloccato",
    "sospeso",
    "disabilitato",
    "eliminato",
    "disattivato",
    "inactief",
    "geblokkeerd",
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

/// Words for an active account. They count only beside [`ACCOUNT_WORDS`].
pub(crate) const ACTIVE_WORDS: &[&str] = &[
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
    "aktiv",
    "aktiviert",
    "freigegeben",
    "actif",
    "activo",
    "habilitado",
    "ativo",
    "attivo",
    "abilitato",
    "actief",
    "estado",
    "estatus",
    "situacao",
    "situação",
    "stato",
    "statut",
    "zustand",
];

/// Those of [`ACTIVE_WORDS`] that count only beside a word for a login.
pub(crate) const PERMISSION_WORDS: &[&str] = &["can", "may", "allow"];

/// Words for a login.
pub(crate) const LOGIN_WORDS: &[&str] = &["login", "signin", "logon", "log", "sign", "access"];

/// Words for the account itself.
pub(crate) const ACCOUNT_WORDS: &[&str] = &[
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
    "name",
    "code",
    "text",
    "label",
    "registration",
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

/// Words of the end of an account.
pub(crate) const EXPIRY_WORDS: &[&str] = &[
    "expire",
    "expires",
    "expiry",
    "expiration",
    "expiring",
    "termination",
    "removal",
    "until",
    "till",
    "through",
    "ends",
    "end",
];

/// Words that may stand beside [`EXPIRY_WORDS`] in the name of the end of an account.
pub(crate) const EXPIRY_COMPANIONS: &[&str] =
    &["valid", "active", "contract", "employment", "membership", "to", "at", "on", "date", "time"];

/// Names of the time from which an account is valid.
pub(crate) const START_NAMES: &[&str] =
    &["validfrom", "notbefore", "activefrom", "accountvalidfrom", "activatesat", "validsince", "enablesat"];

/// Words of an account that waits for a confirmation.
pub(crate) const WAITING_WORDS: &[&str] =
    &["pending", "invited", "unverified", "unconfirmed", "awaiting", "waiting", "needs", "requires"];

/// Words that may stand beside [`WAITING_WORDS`].
pub(crate) const WAITING_COMPANIONS: &[&str] =
    &["approval", "verification", "confirmation", "activation", "review", "admin", "invite", "invitation"];

/// Last words of the name of a state, in which a lock word counts.
pub(crate) const STATE_WORDS: &[&str] = &[
    "status",
    "state",
    "standing",
    "type",
    "kind",
    "flag",
    "flags",
    "category",
    "class",
    "condition",
    "lifecycle",
    "estado",
    "situacao",
    "stato",
    "statut",
    "mode",
];

/// Words of things that have a state of their own, which is not that of the account.
pub(crate) const OTHER_SUBJECTS: &[&str] = &[
    "mfa",
    "2fa",
    "tfa",
    "totp",
    "otp",
    "factor",
    "sms",
    "email",
    "mail",
    "phone",
    "newsletter",
    "subscription",
    "payment",
    "billing",
    "order",
    "invoice",
    "notification",
    "notifications",
    "marketing",
    "consent",
    "push",
    "sync",
    "backup",
    "job",
    "task",
    "ticket",
    "chat",
    "presence",
    "plan",
    "trial",
    "card",
    "bank",
    "delivery",
    "shipping",
    "digest",
    "webhook",
    "oauth",
    "self",
    "address",
    "city",
    "country",
    "region",
    "home",
    "work",
];

/// Lock words that lock even inside the name of a role or a group: `ROLE_BANNED`, `Disabled Users`.
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
