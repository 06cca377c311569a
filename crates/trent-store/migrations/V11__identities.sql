-- Both stores. Accounts, groups, roles, managed policies and what belongs to them, service principals, explanations.
--
-- A folded name is the name in lower case: names are unique in their account and kind without regard to case. `owner` is
-- the folded name of a user, group, role or policy, `kind` says of which. A `policy` that belongs to somebody is the
-- folded name of the account's own policy or the ARN, in lower case, of one of AWS's: a name never has a colon.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

ALTER TABLE iam_user ADD COLUMN boundary TEXT;
ALTER TABLE iam_user ADD COLUMN boundary_policy TEXT;
CREATE INDEX iam_user_by_boundary ON iam_user (account, boundary_policy) WHERE boundary_policy IS NOT NULL;

CREATE TABLE iam_group (
    account TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    group_id TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, folded_name)
);

CREATE TABLE iam_role (
    account TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    role_id TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    description TEXT NOT NULL,
    max_session_seconds BIGINT NOT NULL,
    trust_policy TEXT NOT NULL,
    boundary TEXT,
    boundary_policy TEXT,
    PRIMARY KEY (account, folded_name)
);
CREATE INDEX iam_role_by_boundary ON iam_role (account, boundary_policy) WHERE boundary_policy IS NOT NULL;

-- Who has a policy is counted, not kept.
CREATE TABLE iam_policy (
    account TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    policy_id TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    description TEXT NOT NULL,
    default_version BIGINT NOT NULL,
    latest_version BIGINT NOT NULL,
    PRIMARY KEY (account, folded_name)
);

CREATE TABLE iam_policy_version (
    account TEXT NOT NULL,
    policy TEXT NOT NULL,
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, policy, number)
);

CREATE TABLE iam_inline_policy (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (account, kind, owner, folded_name)
);

CREATE TABLE iam_attachment (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    policy TEXT NOT NULL,
    policy_arn TEXT NOT NULL,
    PRIMARY KEY (account, kind, owner, policy)
);
CREATE INDEX iam_attachment_by_policy ON iam_attachment (account, policy, kind, owner);

-- The folded names of both.
CREATE TABLE iam_membership (
    account TEXT NOT NULL,
    user_name TEXT NOT NULL,
    group_name TEXT NOT NULL,
    PRIMARY KEY (account, user_name, group_name)
);
CREATE INDEX iam_membership_by_group ON iam_membership (account, group_name, user_name);

CREATE TABLE iam_tag (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- Of users and roles in lower case: their tag keys are unique without regard to case.
    folded_key TEXT NOT NULL,
    tag_key TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (account, kind, owner, folded_key)
);

-- Its access keys are owned by `/service/` and its name, which no user's name can be.
CREATE TABLE service_principal (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

ALTER TABLE access_key ADD COLUMN last_used_at BIGINT;
ALTER TABLE access_key ADD COLUMN last_used_service TEXT;
ALTER TABLE access_key ADD COLUMN last_used_region TEXT;

CREATE TABLE explanation (
    request_id BYTEA NOT NULL,
    ordinal BIGINT NOT NULL,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    key_arn TEXT,
    json TEXT NOT NULL
);
CREATE INDEX explanation_by_request ON explanation (request_id, at, ordinal);
CREATE INDEX explanation_by_age ON explanation (at);

INSERT INTO quota_usage (account, counted, used) SELECT account, 'users', count(*) FROM iam_user GROUP BY account;
