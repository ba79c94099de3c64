//! The privileges that a server needs on the tables.

/// What a server needs. `FOR UPDATE` needs the privilege to update.
const PRIVILEGES: [(&str, &str); 16] = [
    ("admin_gate", "SELECT UPDATE"),
    ("api_keys", "SELECT INSERT UPDATE DELETE"),
    ("audit", "SELECT INSERT UPDATE"),
    ("job_reports", "SELECT INSERT DELETE"),
    ("job_uploads", "SELECT INSERT DELETE"),
    ("jobs", "SELECT INSERT UPDATE DELETE"),
    ("key_ring", "SELECT UPDATE"),
    ("login_names", "SELECT INSERT DELETE"),
    ("search_grams", "SELECT INSERT UPDATE"),
    ("service_accounts", "SELECT INSERT UPDATE DELETE"),
    ("sessions", "SELECT INSERT UPDATE DELETE"),
    ("shared_counts", "SELECT INSERT UPDATE DELETE"),
    ("shared_secret", "SELECT"),
    ("signing_keys", "SELECT INSERT DELETE"),
    ("user_roles", "SELECT INSERT DELETE"),
    ("users", "SELECT INSERT UPDATE DELETE"),
];

/// A query for the privileges that the role lacks, in one text; no text if it has all.
pub(crate) fn missing_privileges() -> String {
    let needs = PRIVILEGES.map(|(table, privileges)| format!("('{table}', '{privileges}')")).join(", ");
    format!(
        "SELECT string_agg(privilege || ' on ' || name, ', ' ORDER BY name, privilege) \
         FROM (VALUES {needs}) AS needs (name, list), unnest(string_to_array(list, ' ')) AS privilege \
         WHERE NOT has_table_privilege(to_regclass(name), privilege)"
    )
}
