//! Names by which other systems grant power.

use super::roles::respelt;
use roster_domain::RoleName;

/// Flags by which other systems grant power.
pub(super) const POWER_FLAGS: [&str; 14] = [
    "isadmin",
    "admin",
    "issuperuser",
    "superuser",
    "isstaff",
    "staff",
    "isadministrator",
    "administrator",
    "isroot",
    "issuperadmin",
    "superadmin",
    "issuper",
    "ismoderator",
    "isowner",
];

/// Lists by which other systems grant power.
pub(super) const POWER_LISTS: [&str; 9] = [
    "groups",
    "group",
    "usergroups",
    "authorities",
    "authority",
    "memberof",
    "realmroles",
    "userpermissions",
    "grants",
];

/// Fields that may grant power by what they say.
pub(super) const POWER_WORDS: [&str; 8] = [
    "userrole",
    "userroles",
    "accounttype",
    "usertype",
    "permissions",
    "permission",
    "privileges",
    "accesslevel",
];

/// Whether a role that grants nothing here granted much elsewhere, by its name.
pub(super) fn speaks_of_power(role: &RoleName) -> bool {
    const WORDS: [&str; 5] = ["admin", "superuser", "root", "owner", "sysop"];
    const PARTS: [&str; 3] = ["administrator", "superadmin", "sysadmin"];
    let name = role.as_str();
    if [RoleName::ADMIN, RoleName::USER].contains(&name) {
        return false;
    }
    name.split(['_', '-', '.', ':']).any(|word| WORDS.contains(&word))
        || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a word stands for much power, `*` and `admin` among them.
pub(super) fn is_power(name: &str) -> bool {
    let role = respelt(name);
    let much = |role: &RoleName| role.as_str() == RoleName::ADMIN || speaks_of_power(role);
    ["*", "all", "*:*"].contains(&name) || role.as_ref().is_some_and(much)
}
