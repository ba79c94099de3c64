-- The generated signing keys: their public halves, states and changes as JSON, empty before there are any. Every change of
-- the keys increases the version.
CREATE TABLE key_ring (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    ring TEXT NOT NULL,
    -- The number of the last change that is in the audit log.
    audited INTEGER NOT NULL
) STRICT;
INSERT INTO key_ring VALUES (1, 0, '', 0);

-- The private keys that may still sign, sealed.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
