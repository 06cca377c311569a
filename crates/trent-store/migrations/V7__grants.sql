-- Both stores. Grants, found by key and grantee when somebody is decided about, and listed by key or by retiring
-- principal. Constraints on the encryption context are bytes as trent-store/src/grants.rs lays them out; empty bytes are
-- the empty context, NULL is no constraint.

CREATE TABLE key_grant (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    grant_id BYTEA NOT NULL,
    account TEXT NOT NULL,
    name TEXT,
    created_at BIGINT NOT NULL,
    issuing_account TEXT NOT NULL,
    -- An ARN, or the name of a service.
    grantee TEXT NOT NULL,
    grantee_is_service BOOLEAN NOT NULL,
    retiring TEXT,
    retiring_is_service BOOLEAN NOT NULL,
    -- AWS's names, separated by commas.
    operations TEXT NOT NULL,
    context_equals BYTEA,
    context_subset BYTEA,
    source_arn TEXT,
    PRIMARY KEY (region, key_id, multi_region, grant_id)
);
CREATE INDEX key_grant_by_grantee ON key_grant (region, key_id, multi_region, grantee, grant_id);
CREATE INDEX key_grant_by_retiring ON key_grant (region, retiring, key_id, multi_region, grant_id)
    WHERE retiring IS NOT NULL;
