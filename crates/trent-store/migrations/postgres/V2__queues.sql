-- What Postgres needs otherwise than SQLite: the order of bytes for names, and tables with a sequence.

ALTER TABLE key_alias ALTER COLUMN name TYPE TEXT COLLATE "C";

CREATE TABLE outbox (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id BYTEA NOT NULL UNIQUE,
    account TEXT NOT NULL,
    event_time BIGINT NOT NULL,
    cloudtrail_json BYTEA NOT NULL
);

-- Positions are transaction ids, not a sequence: a sequence's numbers are drawn before the commit, so that a smaller
-- one can appear after a larger one was read. Whoever reads everything from the oldest transaction that was still
-- running at its last reading (pg_snapshot_xmin) misses nothing.
CREATE TABLE invalidation (
    position BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX invalidation_by_position ON invalidation (position);
CREATE INDEX invalidation_by_age ON invalidation (at);
