-- What follows from the audit trail: requests by the hour, and what happened to keys, for usage and cost. Both are written
-- in the transaction that keeps the records, and can be found out again from them (`trent audit recount`).

CREATE TABLE usage_hour (
    account TEXT COLLATE "C" NOT NULL,
    -- Hours since the epoch.
    hour BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    -- Empty where there was no key.
    key_arn TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    -- Of data key pairs only.
    pair_spec TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    -- Empty for success.
    error TEXT COLLATE "C" NOT NULL,
    billed BOOLEAN NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (account, hour, region, key_arn, operation, pair_spec, service, error, billed, principal)
);

CREATE TABLE key_event (
    account TEXT COLLATE "C" NOT NULL,
    key_arn TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    event_id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (account, key_arn, at, event_id)
);

-- For whoever looks by SQL; docs/audit-sql.md describes the columns.

CREATE VIEW audit_events AS
SELECT
    to_timestamp(event_time / 1000.0) AS event_time,
    encode(event_id, 'hex')::uuid AS event_id,
    nullif(chain, '') AS account,
    sequence,
    record ->> 'awsRegion' AS region,
    record ->> 'eventSource' AS event_source,
    record ->> 'eventName' AS event_name,
    record ->> 'eventType' AS event_type,
    (record ->> 'readOnly')::boolean AS read_only,
    record ->> 'errorCode' AS error_code,
    record ->> 'errorMessage' AS error_message,
    record #>> '{userIdentity,type}' AS user_type,
    record #>> '{userIdentity,arn}' AS user_arn,
    coalesce(record #>> '{userIdentity,sessionContext,sessionIssuer,arn}', record #>> '{userIdentity,arn}',
        record #>> '{userIdentity,invokedBy}', record #>> '{userIdentity,accountId}') AS principal,
    record #>> '{userIdentity,accessKeyId}' AS access_key_id,
    record ->> 'sourceIPAddress' AS source_ip,
    record ->> 'userAgent' AS user_agent,
    record ->> 'requestID' AS request_id,
    ARRAY(
        SELECT resource ->> 'ARN'
        FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(record -> 'resources') = 'array' THEN record -> 'resources' ELSE '[]' END
        ) AS resource
    ) AS resources,
    record
FROM (
    SELECT event_time, event_id, chain, sequence,
        -- jsonb has no zero character: the rare record with one is shown without it.
        (CASE WHEN position('\u0000' IN text) > 0
            THEN regexp_replace(text, '(?<!\\)((\\\\)*)\\u0000', '\1', 'g') ELSE text END)::jsonb AS record
    FROM (
        SELECT event_time, event_id, chain, sequence, convert_from(cloudtrail_json, 'UTF8') AS text FROM audit_event
    ) AS texts
) AS records;

CREATE VIEW usage_by_hour AS
SELECT
    account,
    to_timestamp(hour * 3600) AS hour,
    region,
    nullif(key_arn, '') AS key_arn,
    nullif(split_part(key_arn, ':key/', 2), '') AS key_id,
    service,
    operation,
    nullif(pair_spec, '') AS pair_spec,
    nullif(principal, '') AS principal,
    nullif(error, '') AS error,
    billed,
    requests
FROM usage_hour;
