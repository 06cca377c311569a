-- Both stores. Values in the place of quotas' defaults; an empty account or Region stands for all of them.

CREATE TABLE quota_override (
    code TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (code, account, region)
);
