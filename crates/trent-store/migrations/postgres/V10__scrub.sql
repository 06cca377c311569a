-- Destroyed key material leaves the data files: a deleted row is only marked, and stays where it was until its page is
-- used again. So the table of material, which holds nothing else, is written anew.

-- Material was destroyed; it may still be in the files.
CREATE TABLE material_debris (
    at BIGINT NOT NULL,
    -- The table was written anew once since. It is done again later, for a snapshot that was older than the deletion
    -- (a dump under way, say) may have kept the row alive through the first time.
    scrubbed BOOLEAN NOT NULL DEFAULT FALSE
);

-- Writes key_material and its indexes into new files; the old ones are truncated when the transaction commits. CLUSTER
-- does what VACUUM FULL does, and may be called by a function, which runs with the rights of the table's owner. It takes
-- nothing, and finds names in this schema only. While somebody reads the table for long (a dump), it gives up: whoever
-- waits for the table waits for those who wait before.
DO $do$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION scrub_key_material() RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp SET lock_timeout = '1s' AS $body$
        BEGIN
            CLUSTER key_material USING key_material_pkey;
        END
        $body$
    $create$, current_schema());
END
$do$;
REVOKE ALL ON FUNCTION scrub_key_material() FROM PUBLIC;
