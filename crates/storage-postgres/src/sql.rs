//! Every statement that is prepared on each connection that is kept.

use std::sync::LazyLock;

use roster_storage_sql::{AccountRow, AuditRow, KeyRow, MORE, SessionRow, UserRow};
use tokio_postgres::types::Type;

use crate::privileges::missing_privileges;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident => $text:expr,)+) => {
        /// A prepared statement.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Sql {
            $($(#[$doc])* $name,)+
        }

        impl Sql {
            /// Every statement, in the order of their numbers.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// The text.
            pub(crate) fn text(self) -> &'static str {
                static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| vec![$(String::from($text)),+]);
                &TEXTS[self as usize]
            }
        }
    };
}

statements! {
    // Reads.
    UserById => format!("SELECT {} FROM users u WHERE u.id = $1", users()),
    UsersById => format!("SELECT {} FROM users u WHERE u.id = ANY($1)", users()),
    UsersByKeys => format!(
        "SELECT {} FROM users u WHERE u.id = ANY(ARRAY(SELECT unnest($1::uuid[]) \
         UNION SELECT x.id FROM users x WHERE x.external_id = ANY($2) \
         UNION SELECT n.user_id FROM login_names n WHERE n.name = ANY($3)))",
        users()
    ),
    /// The names in the order in which they are looked up.
    UserByLogin => format!(
        "SELECT {} FROM login_names n JOIN users u ON u.id = n.user_id WHERE n.name = ANY($1) \
         ORDER BY array_position($1, n.name) LIMIT 1",
        users()
    ),
    UserByExternalId => format!("SELECT {} FROM users u WHERE u.external_id = $1", users()),
    /// Two of them answer every question about active administrators.
    TwoActiveAdmins => "SELECT id FROM users WHERE active_admin LIMIT 2",
    SessionById => format!("SELECT {} FROM sessions s WHERE s.id = $1", sessions()),
    UserSession => format!(
        "SELECT {}, {} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND u.id = $2",
        sessions(),
        users()
    ),
    SessionByFamily => format!("SELECT {} FROM sessions s WHERE s.family = $1", sessions()),
    SessionsOfUser => format!("SELECT {} FROM sessions s WHERE s.user_id = $1 ORDER BY s.id", sessions()),
    ExpiredSessions => "SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
    AccountById => accounts("service_accounts", "a.id = $1"),
    AccountByKeyPrefix => accounts(
        "service_accounts",
        "a.id = (SELECT p.account_id FROM api_keys p WHERE p.prefix = $1)",
    ),
    AccountsAfter => accounts(
        "(SELECT * FROM service_accounts WHERE name > $1 ORDER BY name LIMIT $2)",
        "true",
    ),
    /// Counts users, sessions and imported hashes, or asks the statistics if there are many.
    Totals => format!(
        "SELECT {}, {}, {}, {}",
        total("users"),
        total("sessions"),
        total_hashes("users_weak_hash", WEAK_HASH),
        total_hashes("users_peppered_hash", "password_hash LIKE '$pepper$%'")
    ),
    /// Whether this server accepts writes, and the privileges that the role lacks.
    Ready => format!("SELECT current_setting('transaction_read_only') = 'off', ({})", missing_privileges()),

    SharedSecret => "SELECT secret FROM shared_secret",

    // Counts that servers share.
    /// What is lost in a crash is worth less than the wait.
    CommitWithoutWaiting => "SELECT set_config('synchronous_commit', 'off', true)",
    LockCounts => "SELECT pg_advisory_xact_lock(1382445940, k) FROM unnest($1::int4[]) k",
    CountsByKey => "SELECT kind, digest, subject, numbers, expires_at FROM shared_counts \
         WHERE (kind, digest) IN (SELECT * FROM unnest($1::int2[], $2::int8[]))",
    PutCount => "INSERT INTO shared_counts (kind, digest, subject, numbers, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, digest) DO UPDATE SET subject = excluded.subject, numbers = excluded.numbers, \
         expires_at = excluded.expires_at",
    DeleteCount => "DELETE FROM shared_counts WHERE kind = $1 AND digest = $2",
    DeleteCountsOfGroup => "DELETE FROM shared_counts WHERE subject = $1 AND subject <> 0",
    DeleteExpiredCounts => "DELETE FROM shared_counts WHERE expires_at <= $1",

    // Transactions.
    Begin => format!("BEGIN {READ_COMMITTED}"),
    Commit => "COMMIT",
    Rollback => "ROLLBACK",

    // Locks, always in this order, and rows by id. A lock is a statement of its own: what is read in the same statement
    // is older than the lock.
    LockAdminGate => "SELECT FROM admin_gate FOR UPDATE",
    LockUsers => format!(
        "SELECT {} FROM users u WHERE u.id = ANY($1) ORDER BY u.id FOR NO KEY UPDATE",
        users()
    ),
    ShareUsers => format!("SELECT {} FROM users u WHERE u.id = ANY($1) ORDER BY u.id FOR SHARE", users()),
    LockSessions => "SELECT id, current_token, expires_at FROM sessions WHERE id = ANY($1) ORDER BY id \
         FOR NO KEY UPDATE",
    ShareSessions => "SELECT id FROM sessions WHERE id = ANY($1) ORDER BY id FOR KEY SHARE",
    LockAccounts => format!("{ACCOUNT_FACTS} FOR NO KEY UPDATE"),
    ShareAccounts => format!("{ACCOUNT_FACTS} FOR SHARE"),

    // What guards ask, under the locks.
    CountSessions => "SELECT user_id, count(*) FROM sessions WHERE user_id = ANY($1) GROUP BY user_id",
    KeysOfAccounts => "SELECT account_id, id, last_used_at FROM api_keys WHERE account_id = ANY($1)",
    LoginNameOwners => "SELECT name, user_id FROM login_names WHERE name = ANY($1)",
    ExternalIdOwners => "SELECT external_id, id FROM users WHERE external_id = ANY($1)",
    AccountNameOwners => "SELECT name, id FROM service_accounts WHERE name = ANY($1)",
    KeyPrefixOwners => "SELECT prefix, account_id FROM api_keys WHERE prefix = ANY($1)",

    // Writes.
    InsertUser => format!(
        "INSERT INTO users ({}) VALUES ({})",
        names(&[&UserRow::COLUMNS, &UserRow::DERIVED]),
        placeholders(UserRow::COLUMNS.len() + UserRow::DERIVED.len())
    ),
    UpdateUser => format!(
        "UPDATE users SET ({}) = ROW({}) WHERE id = $1",
        names(&[&UserRow::COLUMNS, &UserRow::DERIVED]),
        user_updates()
    ),
    DeleteUser => "DELETE FROM users WHERE id = $1",
    DeleteLoginNames => "DELETE FROM login_names WHERE user_id = $1 AND name = ANY($2)",
    InsertLoginNames => "INSERT INTO login_names (name, user_id) SELECT unnest($1::text[]), $2",
    DeleteRoles => "DELETE FROM user_roles WHERE user_id = $1",
    InsertRoles => "INSERT INTO user_roles (role, created_at, user_id) SELECT unnest($1::text[]), $2, $3",
    PutGrams => "INSERT INTO search_grams (user_id, grams) VALUES ($1, $2) \
         ON CONFLICT (user_id) DO UPDATE SET grams = excluded.grams",
    /// Nothing happens if the user is gone.
    PutSession => format!(
        "INSERT INTO sessions AS s ({columns}) SELECT {values} \
         WHERE EXISTS (SELECT FROM users WHERE id = $2 FOR KEY SHARE) \
         ON CONFLICT (id) DO UPDATE SET {updates}",
        columns = names(&[&SessionRow::COLUMNS, &SessionRow::DERIVED]),
        values = placeholders(SessionRow::COLUMNS.len() + SessionRow::DERIVED.len()),
        updates = updates(&[&SessionRow::COLUMNS, &SessionRow::DERIVED])
    ),
    DeleteSession => "DELETE FROM sessions WHERE id = $1",
    DeleteSessionsOf => "DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2",
    PutAccount => format!(
        "INSERT INTO service_accounts ({}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}",
        names(&[&AccountRow::COLUMNS]),
        placeholders(AccountRow::COLUMNS.len()),
        updates(&[&AccountRow::COLUMNS])
    ),
    DeleteAccount => "DELETE FROM service_accounts WHERE id = $1",
    DeleteOtherKeys => "DELETE FROM api_keys WHERE account_id = $1 AND id <> ALL($2)",
    PutKey => format!(
        "INSERT INTO api_keys AS k ({}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {} \
         WHERE k.account_id = excluded.account_id AND k.* IS DISTINCT FROM excluded.*",
        names(&[&KeyRow::COLUMNS]),
        placeholders(KeyRow::COLUMNS.len()),
        updates(&[&KeyRow::COLUMNS])
    ),
    // Writes of new users, with an array for each column.
    InsertUsers => insert_rows(UserRow::TABLE, &[&UserRow::COLUMNS, &UserRow::DERIVED]),
    InsertNames => "INSERT INTO login_names (name, user_id) SELECT * FROM unnest($1::text[], $2::uuid[])",
    InsertRolesOfUsers => "INSERT INTO user_roles (role, created_at, user_id) \
         SELECT * FROM unnest($1::text[], $2::int8[], $3::uuid[])",
    /// The grams are in one array, since arrays of arrays cannot be unnested into rows.
    InsertGrams => "INSERT INTO search_grams (user_id, grams) \
         SELECT id, ($1::int4[])[first:last] FROM unnest($2::uuid[], $3::int4[], $4::int4[]) AS new (id, first, last)",
    InsertAuditRecords => insert_rows(AuditRow::TABLE, &[&AuditRow::COLUMNS]),
    InsertAudit => insert_audit(),
    /// Waits for a commit of the same record that is under way. Returns no row if there is one already.
    InsertAuditOnce => format!("{} ON CONFLICT (id) DO NOTHING RETURNING seq", insert_audit()),
    /// A write to roll back. It is large enough to need new space: on a full disk, a small one may fit into a page that a
    /// table already has, while commits fail at other tables.
    TrialWrite => "INSERT INTO audit (id, at, actor, action, outcome, changed, occurrences) \
         SELECT gen_random_uuid(), 0, '', '', '', repeat('-', 100), 1 FROM generate_series(1, 1000)",
    /// Writes, so that the commit waits for a standby to have the record too.
    LockAudit => "SELECT seq FROM audit WHERE id = $1 FOR UPDATE",
}

/// Whatever the database is set to.
pub(crate) const READ_COMMITTED: &str = "ISOLATION LEVEL READ COMMITTED";

const ACCOUNT_FACTS: &str = "SELECT id, version, status FROM service_accounts WHERE id = ANY($1) ORDER BY id";

/// The number of rows: counted up to ten thousand, otherwise what the database last knew about the table.
fn total(table: &str) -> String {
    format!(
        "(SELECT CASE WHEN count(*) <= 10000 THEN count(*) ELSE greatest(count(*), \
         coalesce(nullif(pg_stat_get_live_tuples('{table}'::regclass), 0), \
         (SELECT reltuples::bigint FROM pg_class WHERE oid = '{table}'::regclass))) END \
         FROM (SELECT FROM {table} LIMIT 10001) AS few)"
    )
}

/// The condition of the index `users_weak_hash`.
const WEAK_HASH: &str = r"password_hash ~*
    '^(\{(sha|ssha|smd5|md5[.}]|ldap-md5|plain-md5)(?![^}]*-crypt\})|(md5|sha1|sha224|sha256|sha384|sha512)\$|\$salted\$)'";

/// The number of users in a partial index, by its condition.
fn total_hashes(index: &str, condition: &str) -> String {
    format!(
        "(SELECT CASE WHEN count(*) <= 10000 THEN count(*) ELSE greatest(count(*), \
         (SELECT reltuples::bigint FROM pg_class WHERE oid = '{index}'::regclass)) END \
         FROM (SELECT FROM users WHERE {condition} LIMIT 10001) AS few)"
    )
}

fn users() -> String {
    qualified("u", &UserRow::COLUMNS)
}

fn sessions() -> String {
    qualified("s", &SessionRow::COLUMNS)
}

/// Accounts with their keys, from one look: a row for each key, or one for an account without.
pub(crate) fn accounts(table: &str, condition: &str) -> String {
    format!(
        "SELECT {}, {} FROM {table} a LEFT JOIN api_keys k ON k.account_id = a.id WHERE {condition} \
         ORDER BY a.name, k.position",
        qualified("a", &AccountRow::COLUMNS),
        qualified("k", &KeyRow::COLUMNS)
    )
}

fn insert_audit() -> String {
    let (columns, values) = (names(&[&AuditRow::COLUMNS]), placeholders(AuditRow::COLUMNS.len()));
    format!("INSERT INTO audit ({columns}) VALUES ({values})")
}

/// Inserts rows that are given as an array for each column.
fn insert_rows(table: &str, columns: &[&[&str]]) -> String {
    let columns = columns.concat();
    let arrays: Vec<_> = (1..)
        .zip(&columns)
        .map(|(number, column)| format!("${number}::{}[]", column_type(column).name()))
        .collect();
    format!("INSERT INTO {table} ({}) SELECT * FROM unnest({})", columns.join(", "), arrays.join(", "))
}

/// The type of a column of users or audit records.
pub(crate) fn column_type(column: &str) -> Type {
    match column {
        "id" | "actor_id" | "actor_key" | "target_id" | "target_key" | "session_id" => Type::UUID,
        "disabled_at" | "created_at" | "updated_at" | "last_login_at" | "version" | "auth_epoch" | "at"
        | "occurrences" => Type::INT8,
        "email_verified" | "must_change_password" | "active_admin" => Type::BOOL,
        _ => Type::TEXT,
    }
}

/// Columns of a table that is called `table` in the statement.
pub(crate) fn qualified(table: &str, columns: &[&str]) -> String {
    columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}

fn names(columns: &[&[&str]]) -> String {
    columns.concat().join(", ")
}

fn placeholders(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// The new value of each column of a user. In the column with more fields, those that this version does not know stay.
fn user_updates() -> String {
    let known: Vec<_> = UserRow::more_fields().iter().map(|field| format!("'{field}'")).collect();
    let value = |(number, column): (usize, &&str)| match *column {
        MORE => {
            format!("((more::jsonb - ARRAY[{}]::text[]) || ${number}::text::jsonb)::text", known.join(", "))
        }
        _ => format!("${number}"),
    };
    let columns = UserRow::COLUMNS.iter().chain(&UserRow::DERIVED);
    (1..).zip(columns).map(value).collect::<Vec<_>>().join(", ")
}

fn updates(columns: &[&[&str]]) -> String {
    columns
        .concat()
        .iter()
        .map(|column| format!("{column} = excluded.{column}"))
        .collect::<Vec<_>>()
        .join(", ")
}
