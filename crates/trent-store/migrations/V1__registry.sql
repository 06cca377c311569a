-- Both stores. Times are milliseconds since the epoch and come from the program: SQL never asks for the time.
-- SQLite takes BYTEA and BOOLEAN as names of its own loose types: bytes stay bytes, truth becomes 0 or 1.

CREATE TABLE kms_key (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    account TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    spec TEXT NOT NULL,
    key_usage TEXT NOT NULL,
    origin TEXT NOT NULL,
    manager TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    deletion_date BIGINT,
    current_material BYTEA NOT NULL,
    version BIGINT NOT NULL,
    -- Who is deleting the key, and until when nobody else may.
    claimed_by TEXT,
    claimed_until BIGINT,
    PRIMARY KEY (region, key_id, multi_region)
);
CREATE INDEX kms_key_by_account ON kms_key (account, region, key_id, multi_region);
CREATE INDEX kms_key_due ON kms_key (deletion_date) WHERE state = 'PendingDeletion';

CREATE TABLE key_policy (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    policy TEXT NOT NULL,
    PRIMARY KEY (region, key_id, multi_region)
);

CREATE TABLE key_tag (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    tag_key TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (region, key_id, multi_region, tag_key)
);

-- Sealed material alone in its table, so that what a destroyed key leaves behind can be cleared without touching
-- anything else (Postgres: VACUUM FULL key_material; SQLite overwrites at once, secure_delete).
CREATE TABLE key_material (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    material_id BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (region, key_id, multi_region, material_id)
);

CREATE TABLE key_alias (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    target_id BYTEA NOT NULL,
    target_multi_region BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
);
CREATE INDEX key_alias_by_target ON key_alias (account, region, target_id, target_multi_region);

CREATE TABLE iam_user (
    account TEXT NOT NULL,
    -- The name in lower case: names are unique without regard to case.
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    user_id TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, folded_name)
);

CREATE TABLE access_key (
    access_key_id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    -- The folded name of the user; empty for root.
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    -- Made from the configuration, not by a request.
    seeded BOOLEAN NOT NULL
);
CREATE INDEX access_key_by_owner ON access_key (account, owner);

-- How much of a quota is used. Its row is also the lock that keeps two changes from both taking the last place.
CREATE TABLE quota_usage (
    account TEXT NOT NULL,
    counted TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (account, counted)
);

-- The requests whose change was made, so that a retry does not make it again.
CREATE TABLE applied_change (
    request_id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Nothing was changed, and nothing ever will be under this id.
    given_up BOOLEAN NOT NULL
);
CREATE INDEX applied_change_by_age ON applied_change (at);

-- Evaluators that may hold a lease.
CREATE TABLE lease_holder (
    evaluator BYTEA NOT NULL PRIMARY KEY,
    renewals BIGINT NOT NULL
);

-- Below this position invalidations have been removed.
CREATE TABLE invalidation_horizon (
    position BIGINT NOT NULL
);
INSERT INTO invalidation_horizon (position) VALUES (0);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);
