-- Users. `n` is the row that the search index refers to.
CREATE TABLE users (
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    username TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL,
    display_name TEXT,
    status TEXT NOT NULL,
    disabled_at INTEGER,
    pending_reasons TEXT,
    roles TEXT NOT NULL,
    attributes TEXT NOT NULL,
    external_id TEXT UNIQUE,
    login_alias TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_login_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    auth_epoch INTEGER NOT NULL,
    password_hash TEXT,
    unusable_credential TEXT,
    must_change_password INTEGER NOT NULL,
    more TEXT NOT NULL,
    username_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    display_key TEXT NOT NULL,
    active_admin INTEGER NOT NULL,
    search TEXT NOT NULL
) STRICT;
CREATE INDEX users_by_username ON users (username_key, id);
CREATE INDEX users_by_email ON users (email_key, id);
CREATE INDEX users_by_display_name ON users (display_key, id);
CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_change ON users (updated_at, id);
CREATE INDEX users_by_login ON users (last_login_at, id);
CREATE INDEX users_by_status ON users (status, created_at, id);
CREATE INDEX active_admins ON users (id) WHERE active_admin = 1;

-- What users log in with: one namespace of usernames, email addresses and aliases.
CREATE TABLE login_names (
    name TEXT NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_roles (
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (role, created_at, user_id)
) STRICT, WITHOUT ROWID;

-- Sequences of three characters of users.search; `user_terms` lists them, for parts of one and two characters.
CREATE VIRTUAL TABLE user_search USING fts5(
    search, content = 'users', content_rowid = 'n', tokenize = 'trigram case_sensitive 1', columnsize = 0, detail = none
);
CREATE VIRTUAL TABLE user_terms USING fts5vocab(user_search, 'instance');

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    family BLOB NOT NULL UNIQUE,
    current_token BLOB NOT NULL,
    superseded TEXT NOT NULL,
    device TEXT,
    ip TEXT,
    login_ip TEXT,
    methods TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at, id);

CREATE TABLE service_accounts (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    permissions TEXT NOT NULL,
    status TEXT NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    auth_epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    replaced_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_account ON api_keys (account_id, position);

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_id BLOB,
    actor_key BLOB,
    action TEXT NOT NULL,
    target TEXT,
    target_id BLOB,
    target_key BLOB,
    session_id BLOB,
    signing_key TEXT,
    outcome TEXT NOT NULL,
    ip TEXT,
    request_id TEXT,
    os_user TEXT,
    changed TEXT,
    occurrences INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_actor ON audit (actor_id, seq) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_by_actor_key ON audit (actor_key, seq) WHERE actor_key IS NOT NULL;
CREATE INDEX audit_by_target ON audit (target_id, seq) WHERE target_id IS NOT NULL;
CREATE INDEX audit_by_target_key ON audit (target_key, seq) WHERE target_key IS NOT NULL;
CREATE INDEX audit_by_session ON audit (session_id, seq) WHERE session_id IS NOT NULL;
CREATE INDEX audit_by_signing_key ON audit (signing_key, seq) WHERE signing_key IS NOT NULL;

-- One row, which a readiness probe writes.
CREATE TABLE probe (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    writes INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (1, 0);
