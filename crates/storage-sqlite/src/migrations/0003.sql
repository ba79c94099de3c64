-- The users who are not active, in each order by one key. They are few, and the index by creation has everyone.
CREATE INDEX inactive_users_by_username ON users (status, username_key, id) WHERE status <> 'active';
CREATE INDEX inactive_users_by_email ON users (status, email_key, id) WHERE status <> 'active';
CREATE INDEX inactive_users_by_display_name ON users (status, display_key, id) WHERE status <> 'active';
CREATE INDEX inactive_users_by_change ON users (status, updated_at, id) WHERE status <> 'active';
CREATE INDEX inactive_users_by_login ON users (status, last_login_at, id) WHERE status <> 'active';
