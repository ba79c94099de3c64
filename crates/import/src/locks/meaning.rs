//! What the name of a field says about the account.

/// What a field says about the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMeaning {
    /// A word for the status, or true if the account is active.
    Active,
    /// A word for the status, in a field that may have another meaning, such as the state of an address.
    ActiveIfKnownWord,
    /// True if the account is locked, or the time of the lock.
    Locked,
    /// When the lock ends.
    LockedUntil,
    /// When the account expires.
    ExpiresAt,
    /// When the account becomes valid.
    ValidFrom,
    /// True if the account awaits confirmation.
    Waiting,
    /// Whether the account was approved, as a flag or a word.
    Approval,
    /// A kind or a state of the account, such as `user_type`. A word for a lock or for waiting counts.
    KindOfAccount,
    /// The state or kind of something else. A lock word in it may be about the account.
    StateOfSomething,
    /// Letters in brackets, of which `D` disables and `L` locks: `sambaAcctFlags`.
    SambaFlags,
    /// A number with the bits of Active Directory's `userAccountControl`.
    AccountControlBits,
    /// Locked if it has any value: LDAP's `pwdAccountLockedTime`, where the year 0 means for ever.
    LockedIfSet,
    /// Names of roles, one of which may lock the account: `nsRoleDN` of 389 Directory Server.
    RoleNames,
    /// A lock, but it is not clear of what.
    Unclear,
    /// The absence of a lock, but it is not clear of which.
    UnclearUnlock,
    /// A number about locks, such as `lock_version`. Any other value is unclear.
    Counter,
    /// The time of a past lock, such as `last_lockout_date`. Any other value is unclear.
    PastLock,
    /// A list of other accounts, such as `blocked_users`. Any other value is unclear.
    OtherAccounts,
}

/// Whether the name of a field is a common one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// One of the common names.
    Standard,
    /// Any other name. The report names the field.
    Other,
}
