-- The users whose hashes should be replaced soon, to be counted. They are few, or none. `PasswordHash::imported` in the crate
-- `domain` has the same list.
CREATE INDEX users_weak_hash ON users (id) WHERE password_hash ~*
    '^(\{(sha|ssha|smd5|md5[.}]|ldap-md5|plain-md5)(?![^}]*-crypt\})|(md5|sha1|sha224|sha256|sha384|sha512)\$|\$salted\$)';
CREATE INDEX users_peppered_hash ON users (id) WHERE password_hash LIKE '$pepper$%';
