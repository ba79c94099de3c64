//! The systems that an import knows by name. A new one is an entry here: the main table, the columns that an import does not
//! recognise by themselves, what values mean, and what other tables add.

use crate::preset::Filter::{Is, IsNot, IsNull};
use crate::preset::Meaning::{PhpKeys, Words};
use crate::preset::Takes::{Columns, List, Objects};
use crate::preset::{Lookup, PeerSource, PeerTables, Preset};

const NONE: PeerTables = PeerTables::NONE;

const fn tables(name: &'static str, tables: PeerTables) -> Preset {
    Preset { name, source: PeerSource::Tables(tables), files: &[] }
}

const fn file(name: &'static str, files: &'static [&'static str], how: &'static str) -> Preset {
    Preset { name, source: PeerSource::File(how), files }
}

/// The systems, by name.
pub const PRESETS: &[Preset] = &[
    file(
        "auth0",
        &["json", "csv"],
        "export the users with its job API and the extension for password hashes, then import the file",
    ),
    tables(
        "better-auth",
        PeerTables {
            main: "user",
            signs: &["emailVerified"],
            lookups: &[Lookup::of("account", "userId", Columns(&[("password", "password_hash")]))
                .only(&[Is("providerId", "credential")])],
            ..NONE
        },
    ),
    tables(
        "devise",
        PeerTables { main: "users", signs: &["encrypted_password", "reset_password_token"], ..NONE },
    ),
    tables(
        "directus",
        PeerTables {
            main: "directus_users",
            signs: &["first_name", "password"],
            rename: &[("role", "role_id"), ("last_access", "last_login_at")],
            lookups: &[Lookup::to("role", "directus_roles", "id", Columns(&[("name", "role")]))],
            ..NONE
        },
    ),
    tables(
        "django",
        PeerTables {
            main: "auth_user",
            signs: &["is_superuser", "date_joined"],
            lookups: &[Lookup::of("auth_group", "user_id", List("name", "groups")).through(
                "{}_groups",
                "group_id",
                "id",
            )],
            ..NONE
        },
    )
    .or_files(&["json"]),
    tables(
        "drupal",
        PeerTables {
            main: "users_field_data",
            signs: &["uid", "pass", "init"],
            only: &[IsNot("uid", "0"), Is("default_langcode", "1")],
            rename: &[("name", "username"), ("login", "last_login_at"), ("access", "last_seen_at")],
            meanings: &[("status", Words(&[("0", "disabled"), ("1", "active")]))],
            lookups: &[Lookup::of("user__roles", "entity_id", List("roles_target_id", "roles")).by("uid")],
            ..NONE
        },
    ),
    file(
        "firebase",
        &["json", "firebase-csv"],
        "run `firebase auth:export users.json --format=JSON`, then import the file",
    ),
    tables(
        "flask-security",
        PeerTables {
            main: "user",
            signs: &["fs_uniquifier"],
            lookups: &[Lookup::of("role", "user_id", List("name", "roles")).through(
                "roles_users",
                "role_id",
                "id",
            )],
            ..NONE
        },
    ),
    tables(
        "ghost",
        PeerTables {
            main: "users",
            signs: &["slug", "visibility"],
            rename: &[("last_seen", "last_login_at")],
            // The plans of members, in the table of members.
            meanings: &[(
                "status",
                Words(&[("free", "active"), ("paid", "active"), ("comped", "active"), ("gift", "active")]),
            )],
            lookups: &[Lookup::of("roles", "user_id", List("name", "roles")).through(
                "roles_users",
                "role_id",
                "id",
            )],
            ..NONE
        },
    )
    .or_files(&["json"]),
    tables(
        "keycloak",
        PeerTables {
            main: "user_entity",
            signs: &["realm_id", "created_timestamp"],
            only: &[IsNull("service_account_client_link")],
            rename: &[("created_timestamp", "created_at")],
            lookups: &[
                Lookup::of(
                    "credential",
                    "user_id",
                    Objects(
                        "credentials",
                        &[
                            ("type", "type"),
                            ("secret_data", "secretData"),
                            ("credential_data", "credentialData"),
                        ],
                    ),
                ),
                Lookup::to("realm_id", "realm", "id", Columns(&[("name", "realm")])),
                // Roles of a client, such as an `admin` of one application, grant nothing elsewhere.
                Lookup::of("keycloak_role", "user_id", List("name", "roles"))
                    .through("user_role_mapping", "role_id", "id")
                    .only(&[IsNull("client")]),
                Lookup::of("keycloak_group", "user_id", List("name", "groups")).through(
                    "user_group_membership",
                    "group_id",
                    "id",
                ),
            ],
            ..NONE
        },
    )
    .or_files(&["json"]),
    tables("laravel", PeerTables { main: "users", signs: &["email_verified_at", "remember_token"], ..NONE }),
    tables(
        "lldap",
        PeerTables {
            main: "users",
            signs: &["user_id", "lowercase_email", "creation_date"],
            rename: &[
                ("user_id", "username"),
                ("creation_date", "created_at"),
                ("modified_date", "updated_at"),
            ],
            lookups: &[Lookup::of("groups", "user_id", List("display_name", "groups"))
                .through("memberships", "group_id", "group_id")
                .by("user_id")],
            ..NONE
        },
    ),
    tables(
        "nextcloud",
        PeerTables {
            main: "oc_users",
            prefix: "oc_",
            signs: &["uid_lower"],
            rename: &[("uid", "username")],
            lookups: &[
                Lookup::to("uid", "oc_preferences", "userid", Columns(&[("configvalue", "email")]))
                    .only(&[Is("appid", "settings"), Is("configkey", "email")]),
                Lookup::to("uid", "oc_preferences", "userid", Columns(&[("configvalue", "enabled")]))
                    .only(&[Is("appid", "core"), Is("configkey", "enabled")])
                    .required(),
                Lookup::to("uid", "oc_preferences", "userid", Columns(&[("configvalue", "last_login_at")]))
                    .only(&[Is("appid", "login"), Is("configkey", "lastLogin")]),
                Lookup::to("uid", "oc_group_user", "uid", List("gid", "groups")),
            ],
            ..NONE
        },
    ),
    tables(
        "parse",
        PeerTables {
            main: "_User",
            signs: &["objectId", "_hashed_password"],
            rename: &[("objectId", "id")],
            lookups: &[Lookup::of("_Role", "relatedId", List("name", "roles"))
                .through("_Join:users:_Role", "owningId", "objectId")
                .by("objectId")],
            ..NONE
        },
    )
    .or_files(&["json", "csv"]),
    tables(
        "payload",
        PeerTables {
            main: "users",
            signs: &["hash", "salt", "login_attempts"],
            lookups: &[Lookup::of("{}_roles", "parent_id", List("value", "roles"))],
            ..NONE
        },
    ),
    tables("pocketbase", PeerTables { main: "users", signs: &["tokenKey", "emailVisibility"], ..NONE }),
    tables("rauthy", PeerTables { main: "users", signs: &["given_name", "failed_login_attempts"], ..NONE }),
    tables(
        "strapi",
        PeerTables {
            main: "up_users",
            signs: &["provider", "confirmed", "blocked"],
            lookups: &[
                Lookup::of("up_roles", "user_id", List("name", "roles")).through(
                    "{}_role_lnk",
                    "role_id",
                    "id",
                ),
                Lookup::of("up_roles", "user_id", List("name", "roles")).through(
                    "{}_role_links",
                    "role_id",
                    "id",
                ),
                // Of `admin_users`, who may have several.
                Lookup::of("admin_roles", "user_id", List("name", "roles")).through(
                    "{}_roles_lnk",
                    "role_id",
                    "id",
                ),
                Lookup::of("admin_roles", "user_id", List("name", "roles")).through(
                    "{}_roles_links",
                    "role_id",
                    "id",
                ),
            ],
            ..NONE
        },
    )
    .or_files(&["json"]),
    tables(
        "supabase",
        PeerTables {
            main: "users",
            schema: Some("auth"),
            signs: &["encrypted_password", "raw_user_meta_data"],
            only: &[IsNot("is_anonymous", "true")],
            // The role of the database, not of the person.
            rename: &[("role", "database_role")],
            ..NONE
        },
    ),
    tables(
        "wordpress",
        PeerTables {
            main: "wp_users",
            prefix: "wp_",
            signs: &["user_login", "user_nicename"],
            meanings: &[("roles", PhpKeys)],
            lookups: &[Lookup::to("ID", "wp_usermeta", "user_id", Columns(&[("meta_value", "roles")]))
                .only(&[Is("meta_key", "wp_capabilities")])],
            ..NONE
        },
    ),
];

/// The system with this name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_are_sorted_and_have_different_names() {
        assert!(PRESETS.is_sorted_by(|one, other| one.name < other.name));
    }
}
