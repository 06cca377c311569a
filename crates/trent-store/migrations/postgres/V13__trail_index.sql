-- What the records of the audit trail can be found by: for each value of an attribute a row per batch, with the places of
-- its records in their chain. Rows come in with the records that they tell of, in the same transaction, and go with them:
-- a month of records and the same month of this table are removed together.

CREATE TABLE audit_posting (
    chain TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    -- 0: any record, the value being empty. The numbers are in trent-store, postings.rs.
    attribute SMALLINT NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    earliest BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    -- The first place, and the distances from each place to the next (LEB128, unsigned).
    first_sequence BIGINT NOT NULL,
    following BYTEA NOT NULL,
    -- In this order it is read backwards: the newest first.
    PRIMARY KEY (chain, region, attribute, value, latest, first_sequence),
    -- So that whoever looks before a moment need not look much after it.
    CHECK (latest - earliest BETWEEN 0 AND 60000)
) PARTITION BY RANGE (latest);

-- How far the records of a chain were kept before there were postings. The audit logger posts them, from the last to the
-- first, and removes the row then.
CREATE TABLE audit_unposted (
    chain TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO audit_unposted (chain, last) SELECT chain, sequence FROM audit_chain WHERE sequence > 0 AND chain <> '';

-- As in V4, for both tables.
DO $do$
BEGIN
    EXECUTE format($create$
        CREATE OR REPLACE FUNCTION make_audit_month(month integer) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
        DECLARE
            first_day date;
            next_day date;
            parent text;
            partition text;
        BEGIN
            -- A caller gone wrong must not fill the catalogue.
            IF month IS NULL OR month < 1970 * 12 OR month >= 2200 * 12 THEN
                RAISE EXCEPTION 'there is no audit month %%', month
                    USING ERRCODE = 'numeric_value_out_of_range';
            END IF;
            first_day := make_date(month / 12, month %% 12 + 1, 1);
            next_day := first_day + interval '1 month';
            -- Two makers take turns; the second finds it there. Looking first keeps the trail's lock short.
            PERFORM pg_advisory_xact_lock(7239482);
            FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_posting'] LOOP
                partition := parent || '_' || to_char(first_day, 'YYYY_MM');
                IF to_regclass(partition) IS NULL THEN
                    EXECUTE format('CREATE TABLE %%I PARTITION OF %%I FOR VALUES FROM (%%s) TO (%%s)', partition, parent,
                        extract(epoch FROM first_day)::bigint * 1000, extract(epoch FROM next_day)::bigint * 1000);
                END IF;
            END LOOP;
        END
        $body$
    $create$, current_schema());
END
$do$;

SELECT make_audit_month(substring(relname FROM 13 FOR 4)::integer * 12 + substring(relname FROM 18 FOR 2)::integer - 1)
FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
WHERE inhparent = 'audit_event'::regclass AND relname ~ '^audit_event_\d{4}_\d{2}$';
