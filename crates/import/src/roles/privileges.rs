//! How other systems name privileges.

use crate::roles::spelling::normalized_role;
use roster_domain::RoleName;

/// Flags that grant privileges in other systems.
pub(crate) const PRIVILEGE_FLAGS: &[&str] = &[
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
    "owner",
    "sudo",
    "sudoer",
    "moderator",
    "isgrafanaadmin",
    "root",
];

/// Lists that grant privileges in other systems.
pub(crate) const PRIVILEGE_LISTS: &[&str] = &[
    "usergroup",
    "grouplist",
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

/// Fields whose values may grant privileges in other systems.
pub(crate) const PRIVILEGE_FIELDS: &[&str] = &[
    "userrole",
    "userroles",
    "accounttype",
    "usertype",
    "permissions",
    "permission",
    "privileges",
    "accesslevel",
    "type",
    "rank",
    "scope",
    "scopes",
    "capabilities",
    "wpcapabilities",
];

/// Whether the name of a role suggests that it granted privileges in another system.
pub(crate) fn suggests_privileges(role: &RoleName) -> bool {
    const WORDS: [&str; 5] = ["admin", "superuser", "root", "owner", "sysop"];
    const PARTS: [&str; 3] = ["administrator", "superadmin", "sysadmin"];
    let name = role.as_str();
    if [RoleName::ADMIN, RoleName::USER].contains(&name) {
        return false;
    }
    name.split(['_', '-', '.', ':']).any(|word| WORDS.contains(&word))
        || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a name stands for wide privileges, such as `*` or `admin`.
pub(crate) fn is_privileged(name: &str) -> bool {
    let name = name.to_lowercase();
    let role = normalized_role(&name);
    let much = |role: &RoleName| role.as_str() == RoleName::ADMIN || suggests_privileges(role);
    ["*", "all", "*:*"].contains(&&*name) || role.as_ref().is_some_and(much)
}
