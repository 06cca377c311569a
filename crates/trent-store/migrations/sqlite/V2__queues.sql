-- What SQLite needs otherwise than Postgres: tables with a sequence. There is one writer, so positions are in the
-- order of commits.

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id BYTEA NOT NULL UNIQUE,
    account TEXT NOT NULL,
    event_time BIGINT NOT NULL,
    cloudtrail_json BYTEA NOT NULL
);

CREATE TABLE invalidation (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX invalidation_by_age ON invalidation (at);
