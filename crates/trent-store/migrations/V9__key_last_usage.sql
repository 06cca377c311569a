-- Both stores. The last successful cryptographic operation with each key, as the audit trail tells of it. In Postgres the
-- audit logger writes it in the transaction that keeps the records; embedded, a follower of the journal does.

CREATE TABLE key_last_usage (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    operation TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    event_id BYTEA NOT NULL,
    request_id BYTEA NOT NULL,
    PRIMARY KEY (region, key_id, multi_region)
);
