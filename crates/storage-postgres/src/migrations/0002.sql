-- The generated signing keys: their public halves, states and changes as JSON, empty before there are any. Every change of
-- the keys locks this row and increases the version, by which replicas notice it.
CREATE TABLE key_ring (
    one boolean PRIMARY KEY CHECK (one),
    version bigint NOT NULL,
    ring text COLLATE "C" NOT NULL,
    -- The number of the last change that is in the audit log.
    audited bigint NOT NULL
);
INSERT INTO key_ring VALUES (true, 0, '', 0);

-- The private keys that may still sign, sealed.
CREATE TABLE signing_keys (
    kid text COLLATE "C" PRIMARY KEY,
    sealed bytea NOT NULL
);

-- Counts that servers share, such as those of failed logins, by digests. They change with every login, without waiting for
-- the disk.
CREATE TABLE shared_counts (
    kind smallint NOT NULL,
    digest bigint NOT NULL,
    -- Counts with the same subject are removed together; 0 is none.
    subject bigint NOT NULL,
    numbers bigint[] NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (kind, digest)
) WITH (fillfactor = 70);
CREATE INDEX shared_counts_subject ON shared_counts (subject) WHERE subject <> 0;

-- The key of the digests.
CREATE TABLE shared_secret (
    one boolean PRIMARY KEY CHECK (one),
    secret uuid NOT NULL
);
INSERT INTO shared_secret VALUES (true, gen_random_uuid());
