-- The users whose hashes should be replaced soon, to be counted. They are few, or none. `PasswordHash::imported` in the crate
-- `domain` has the same list.
CREATE INDEX users_by_weak_hash ON users (id)
    WHERE (
        password_hash LIKE '{sha%' OR password_hash LIKE '{ssha%' OR password_hash LIKE '{smd5%'
        OR password_hash LIKE '{md5}%' OR password_hash LIKE '{md5.%' OR password_hash LIKE '{ldap-md5%'
        OR password_hash LIKE '{plain-md5%' OR password_hash LIKE 'md5$%' OR password_hash LIKE 'sha1$%'
        OR password_hash LIKE 'sha224$%' OR password_hash LIKE 'sha256$%' OR password_hash LIKE 'sha384$%'
        OR password_hash LIKE 'sha512$%' OR password_hash LIKE '$salted$%'
    ) AND password_hash NOT LIKE '{%-crypt}%';
CREATE INDEX users_by_peppered_hash ON users (id) WHERE password_hash GLOB '$pepper$*';
