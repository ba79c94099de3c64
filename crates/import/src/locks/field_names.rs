//! The names of fields that say whether an account is active, normalized.

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

/// Names of fields with the time when an account becomes valid.
pub(crate) const START_NAMES: &[&str] =
    &["validfrom", "notbefore", "activefrom", "accountvalidfrom", "activatesat", "validsince", "enablesat"];
