-- Months of the audit trail that were moved into files: a month's records are removed in the transaction that puts its
-- manifest in here. The manifest is signed outside the database; it says which runs of which chains are gone, and what
-- they began and ended with, so that a chain can be followed over the gap and nothing else can be missing.
CREATE TABLE audit_archive (
    -- Counted from January of year 0.
    month INTEGER NOT NULL,
    -- From 1: records may come into a month that is archived already.
    part INTEGER NOT NULL,
    manifest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (month, part)
);

-- How far log files in CloudTrail's layout have been written, for each account; the writers' JSON.
CREATE TABLE audit_log_state (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    state TEXT NOT NULL
);

-- Who writes them; one row. Moments are the database's, in milliseconds.
CREATE TABLE audit_log_lease (
    one BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
    holder BYTEA NOT NULL,
    until BIGINT NOT NULL
);
