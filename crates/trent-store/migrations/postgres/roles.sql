-- The roles and what each may do; `trent migrate` runs this after the migrations, every time, in one transaction.
--
-- It is not a migration, because a migration runs once for each database: roles belong to the whole cluster, so another
-- database or a restored one may find them or miss them, a dump leaves them out, and grants must follow every table that
-- a later version adds. Run again it changes nothing; what was granted otherwise is taken back.
--
--   trent_owner   owns schema and tables; for `trent migrate` only. Made here only by a superuser, who hands over to it.
--   trent_policy  the policy evaluator: the registry and its queues; nothing of the audit trail.
--   trent_audit   the audit logger: appends to the audit trail; cannot change or remove what is there.
--   trent_reader  `trent audit verify`: reads the audit trail.
--
-- All log in without a password: by certificate, or by what a database administrator sets up.

DO $do$
DECLARE
    wanted text;
    relation regclass;
    administers boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
    FOREACH wanted IN ARRAY ARRAY['trent_policy', 'trent_audit', 'trent_reader', 'trent_owner'] LOOP
        CONTINUE WHEN wanted = 'trent_owner' AND NOT administers;
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', wanted);
            EXCEPTION
                -- Another database of this cluster is migrated at the same moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the role % is missing, and % may not make it: an administrator must run '
                        'CREATE ROLE % LOGIN', wanted, current_user, wanted USING ERRCODE = '42501';
            END;
        END IF;
    END LOOP;
    -- What belonged to a superuser until now: a function that runs with its owner's rights must not run with theirs.
    IF administers THEN
        EXECUTE format('ALTER DATABASE %I OWNER TO trent_owner', current_database());
        EXECUTE format('ALTER SCHEMA %I OWNER TO trent_owner', current_schema());
        FOR relation IN
            SELECT c.oid FROM pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v')
            AND c.relowner <> 'trent_owner'::regrole AND (
                c.relname IN (
                    'access_key', 'account', 'applied_change', 'audit_archive', 'audit_chain', 'audit_event', 'audit_events',
                    'audit_log_lease', 'audit_log_state', 'audit_posting', 'audit_unposted', 'explanation',
                    'iam_attachment', 'iam_group', 'iam_inline_policy', 'iam_membership', 'iam_policy',
                    'iam_policy_version', 'iam_role', 'iam_tag', 'iam_user', 'invalidation',
                    'invalidation_horizon', 'key_alias', 'key_event', 'key_grant', 'key_last_usage', 'key_material', 'key_material_record',
                    'key_policy', 'key_tag', 'kms_key', 'lease_holder', 'material_debris', 'outbox', 'quota_override',
                    'quota_usage',
                    'refinery_schema_history', 'service_principal', 'setting', 'usage_by_hour', 'usage_hour'
                ) OR EXISTS (
                    SELECT FROM pg_inherits WHERE inhrelid = c.oid
                    AND inhparent IN ('audit_event'::regclass, 'audit_posting'::regclass)
                )
            )
        LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO trent_owner', relation);
        END LOOP;
        ALTER FUNCTION make_audit_month(integer) OWNER TO trent_owner;
        ALTER FUNCTION check_audit_head() OWNER TO trent_owner;
        ALTER FUNCTION scrub_key_material() OWNER TO trent_owner;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, trent_policy, trent_audit, trent_reader', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO trent_policy, trent_audit, trent_reader', current_database());
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, trent_policy, trent_audit, trent_reader', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO trent_policy, trent_audit, trent_reader', current_schema());
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, trent_policy, trent_audit, trent_reader',
        current_schema());
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, trent_policy, trent_audit, trent_reader',
        current_schema());
END
$do$;

-- Every role checks at its start that the schema is its program's.
GRANT SELECT ON refinery_schema_history TO trent_policy, trent_audit, trent_reader;

GRANT SELECT, INSERT, UPDATE, DELETE ON kms_key, key_policy, key_tag, key_material, key_material_record, key_alias,
    access_key, lease_holder, quota_override, quota_usage TO trent_policy;
GRANT SELECT, INSERT, UPDATE, DELETE ON iam_user, iam_group, iam_role, iam_policy, iam_inline_policy, iam_attachment,
    iam_membership, iam_tag TO trent_policy;
-- A version of a policy is what it is: another document is another version.
GRANT SELECT, INSERT, DELETE ON iam_policy_version, service_principal, explanation TO trent_policy;
GRANT SELECT, INSERT ON account TO trent_policy;
-- A grant stays what it is; its principals may get another name, or leave their unique id.
GRANT SELECT, INSERT, UPDATE (grantee, retiring), DELETE ON key_grant TO trent_policy;
GRANT SELECT, INSERT, DELETE ON applied_change, outbox, invalidation TO trent_policy;
GRANT SELECT, INSERT, UPDATE (scrubbed), DELETE ON material_debris TO trent_policy;
REVOKE ALL ON FUNCTION scrub_key_material() FROM PUBLIC, trent_audit, trent_reader;
GRANT EXECUTE ON FUNCTION scrub_key_material() TO trent_policy;
GRANT SELECT, UPDATE ON invalidation_horizon TO trent_policy;
-- Settings are made once; those that are sealed under the domain key are sealed anew when it rotates.
GRANT SELECT, INSERT, UPDATE (value) ON setting TO trent_policy;

-- The last use of keys is noted with the records that tell of it. The registry reads it, and removes it with its key.
GRANT SELECT, DELETE ON key_last_usage TO trent_policy;
GRANT SELECT, INSERT, UPDATE (operation, used_at, event_id, request_id) ON key_last_usage TO trent_audit;

-- Rows of the trail come in through its parent table; of the partitions themselves nobody is granted anything.
GRANT SELECT, INSERT ON audit_event, audit_posting TO trent_audit;
GRANT SELECT, UPDATE (last), DELETE ON audit_unposted TO trent_audit;
GRANT SELECT, INSERT, UPDATE (sequence, hash) ON audit_chain TO trent_audit;
REVOKE ALL ON FUNCTION make_audit_month(integer), check_audit_head() FROM PUBLIC, trent_policy, trent_reader;
GRANT EXECUTE ON FUNCTION make_audit_month(integer) TO trent_audit;

-- What was archived is noted by the owner, who alone may remove it from the trail.
GRANT SELECT ON audit_archive TO trent_audit;

-- How far log files have been written, and who writes them.
GRANT SELECT, INSERT, UPDATE (version, state) ON audit_log_state TO trent_audit;
GRANT SELECT, INSERT, UPDATE (holder, until) ON audit_log_lease TO trent_audit;

GRANT SELECT ON audit_event, audit_chain, audit_archive, audit_posting TO trent_reader;

-- What follows from the records is added up with them. Taking something away is the owner's.
GRANT SELECT, INSERT, UPDATE (requests) ON usage_hour TO trent_audit;
GRANT SELECT, INSERT ON key_event TO trent_audit;
GRANT SELECT ON usage_hour, key_event, audit_events, usage_by_hour TO trent_reader;

-- A revoke by who may not revoke is only a warning, and a role can have rights from elsewhere: see what came of it.
DO $do$
DECLARE
    wanted text;
    owned oid := (SELECT relowner FROM pg_class WHERE oid = 'audit_event'::regclass);
BEGIN
    IF has_schema_privilege('public', current_schema(), 'CREATE')
        OR has_database_privilege('public', current_database(), 'CREATE')
        OR has_database_privilege('public', current_database(), 'TEMPORARY') THEN
        RAISE EXCEPTION 'anybody may make objects in this database, and % may not change that: its owner must run '
            'trent migrate', current_user USING ERRCODE = '42501';
    END IF;
    FOREACH wanted IN ARRAY ARRAY['trent_policy', 'trent_audit', 'trent_reader'] LOOP
        IF EXISTS (
            SELECT FROM pg_roles WHERE rolname = wanted
            AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
        ) OR pg_has_role(wanted, owned, 'MEMBER')
            OR has_schema_privilege(wanted, current_schema(), 'CREATE')
            OR has_table_privilege(wanted, 'audit_event', 'UPDATE, DELETE, TRUNCATE')
            OR has_table_privilege(wanted, 'audit_posting', 'UPDATE, DELETE, TRUNCATE')
            OR has_table_privilege(wanted, 'audit_chain', 'DELETE, TRUNCATE')
            OR has_table_privilege(wanted, 'audit_archive', 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR (wanted <> 'trent_policy' AND has_table_privilege(wanted, 'key_material', 'SELECT, UPDATE'))
            OR (wanted = 'trent_policy' AND has_table_privilege(wanted, 'audit_event', 'SELECT, INSERT'))
            OR (wanted = 'trent_policy' AND has_table_privilege(wanted, 'audit_posting', 'SELECT, INSERT'))
            OR (wanted = 'trent_reader' AND has_table_privilege(wanted, 'audit_event', 'INSERT')) THEN
            RAISE EXCEPTION 'the role % may do more than it must: take its attributes and memberships away', wanted
                USING ERRCODE = '42501';
        END IF;
    END LOOP;
END
$do$;
