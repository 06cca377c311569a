-- What lets the audit logger append without a right to make or change tables.

-- Makes the partition of a month, counted from January of year 0, unless it is there. It runs with the rights of the
-- tables' owner, whoever calls it: it takes a number and nothing else, and finds names in this schema only, whatever
-- the caller's search_path says.
DO $do$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION make_audit_month(month integer) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
        DECLARE
            first_day date;
            next_day date;
            partition text;
        BEGIN
            -- A caller gone wrong must not fill the catalogue.
            IF month IS NULL OR month < 1970 * 12 OR month >= 2200 * 12 THEN
                RAISE EXCEPTION 'there is no audit month %%', month
                    USING ERRCODE = 'numeric_value_out_of_range';
            END IF;
            first_day := make_date(month / 12, month %% 12 + 1, 1);
            next_day := first_day + interval '1 month';
            partition := 'audit_event_' || to_char(first_day, 'YYYY_MM');
            -- Two makers take turns; the second finds it there. Looking first keeps the trail's lock short.
            PERFORM pg_advisory_xact_lock(7239482);
            IF to_regclass(partition) IS NULL THEN
                EXECUTE format('CREATE TABLE %%I PARTITION OF audit_event FOR VALUES FROM (%%s) TO (%%s)', partition,
                    extract(epoch FROM first_day)::bigint * 1000, extract(epoch FROM next_day)::bigint * 1000);
            END IF;
        END
        $body$
    $create$, current_schema());
END
$do$;
REVOKE ALL ON FUNCTION make_audit_month(integer) FROM PUBLIC;

-- A head only moves forward: whoever may move it cannot take the end of a chain away unseen.
CREATE FUNCTION check_audit_head() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.sequence = 0 AND NEW.hash = decode(repeat('00', 32), 'hex') THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.chain = OLD.chain THEN
        -- An append that found all its records there leaves a head as it was.
        IF NEW.sequence > OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.hash = OLD.hash) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of an audit chain only moves forward' USING ERRCODE = 'check_violation';
END
$body$;
REVOKE ALL ON FUNCTION check_audit_head() FROM PUBLIC;
CREATE TRIGGER audit_head_moves_forward BEFORE INSERT OR UPDATE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION check_audit_head();
