-- The audit trail, in Postgres only; the embedded form keeps a journal instead.

CREATE TABLE audit_event (
    event_time BIGINT NOT NULL,
    event_id BYTEA NOT NULL,
    -- The account, or empty for the system's own chain.
    chain TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    cloudtrail_json BYTEA NOT NULL,
    PRIMARY KEY (event_time, event_id)
) PARTITION BY RANGE (event_time);
CREATE INDEX audit_event_by_sequence ON audit_event (chain, sequence);

-- The last record of each chain. Its row is locked while records are appended.
CREATE TABLE audit_chain (
    chain TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
