-- The users who are not active, in each order by one key. They are few, and the index by creation has everyone.
CREATE INDEX users_inactive_username ON users (status, username_key, id) WHERE status <> 'active';
CREATE INDEX users_inactive_email ON users (status, email_key, id) WHERE status <> 'active';
CREATE INDEX users_inactive_display_name ON users (status, display_key, id) WHERE status <> 'active';
CREATE INDEX users_inactive_updated_at ON users (status, updated_at, id) WHERE status <> 'active';
CREATE INDEX users_inactive_last_login_at ON users (status, last_login_at, id) WHERE status <> 'active';

-- The order by username with the searched text, so that a search in this order reads nothing but the index. An entry has
-- at most 1,600 of the 2,704 bytes that an index takes.
CREATE INDEX users_username_search ON users (username_key, id) INCLUDE (search);
DROP INDEX users_username;
