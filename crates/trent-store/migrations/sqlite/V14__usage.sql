-- What follows from the journal: requests by the hour, and what happened to keys, for usage and cost. Both are written in
-- the transaction that says how far the journal was read, and can be found out again from it (`trent audit recount`).

CREATE TABLE usage_hour (
    account TEXT NOT NULL,
    -- Hours since the epoch.
    hour INTEGER NOT NULL,
    region TEXT NOT NULL,
    -- Empty where there was no key.
    key_arn TEXT NOT NULL,
    operation TEXT NOT NULL,
    -- Of data key pairs only.
    pair_spec TEXT NOT NULL,
    service TEXT NOT NULL,
    -- Empty for success.
    error TEXT NOT NULL,
    billed INTEGER NOT NULL,
    principal TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (account, hour, region, key_arn, operation, pair_spec, service, error, billed, principal)
) WITHOUT ROWID;

CREATE TABLE key_event (
    account TEXT NOT NULL,
    key_arn TEXT NOT NULL,
    at INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (account, key_arn, at, event_id)
) WITHOUT ROWID;
