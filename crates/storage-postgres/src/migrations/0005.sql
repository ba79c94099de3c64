-- Jobs, such as imports over HTTP. Only the server knows what a state means.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    -- Every change names the version that it replaces.
    version bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    -- What is about to be written to the report.
    planned bytea NOT NULL,
    report_parts bigint NOT NULL
);

-- What was uploaded for a job, until the job ends.
CREATE TABLE job_uploads (
    job uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    part bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (job, part)
);
-- Compressing them would take longer than storing them.
ALTER TABLE job_uploads ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The lines of the report.
CREATE TABLE job_reports (
    job uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    part bigint NOT NULL,
    lines bytea NOT NULL,
    PRIMARY KEY (job, part)
);
