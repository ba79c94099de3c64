//! The words for accounts that are active, expire or wait, in lower case.

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
    "estado",
    "estatus",
    "situacao",
    "situação",
    "stato",
    "statut",
    "zustand",
];

/// The [`ACTIVE_WORDS`] that count only beside a word for a login.
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

/// Words for the expiry of an account.
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

/// Words that may accompany [`EXPIRY_WORDS`] in the name of a field.
pub(crate) const EXPIRY_COMPANIONS: &[&str] =
    &["valid", "active", "contract", "employment", "membership", "to", "at", "on", "date", "time"];

/// Words for an account that awaits confirmation.
pub(crate) const WAITING_WORDS: &[&str] =
    &["pending", "invited", "unverified", "unconfirmed", "awaiting", "waiting", "needs", "requires"];

/// Words that may accompany [`WAITING_WORDS`] in the name or the value of a field.
pub(crate) const WAITING_COMPANIONS: &[&str] = &[
    "approval",
    "verification",
    "confirmation",
    "activation",
    "moderation",
    "review",
    "admin",
    "moderator",
    "manual",
    "invite",
    "invitation",
    "email",
    "mail",
    "for",
    "acceptance",
];

/// Words for the approval of an account. The value says whether it was given.
pub(crate) const APPROVAL_WORDS: &[&str] = &["approval", "activation", "moderation"];

/// Words that, beside [`APPROVAL_WORDS`] or [`STATE_WORDS`], say that a state is the account's.
pub(crate) const STATE_COMPANIONS: &[&str] = &[
    "is",
    "account",
    "acct",
    "user",
    "member",
    "membership",
    "admin",
    "registration",
    "current",
    "verification",
    "confirmation",
    "review",
    "invite",
    "invitation",
];

/// The last words of the names of states. A lock word in such a state counts.
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

/// Words for things other than the account that have a state of their own.
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
