-- Resets: ends of usage periods.

CREATE FUNCTION @extschema@.credit_reset(
    ledger text,
    effective_at timestamptz DEFAULT NULL,
    preserve_overage boolean DEFAULT false,
    idempotency_key text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_reset_wrapper';

COMMENT ON FUNCTION @extschema@.credit_reset(text, timestamptz, boolean, text, text) IS
'Ends the usage period of a ledger (subject or id) at effective_at (NULL: the clock; not in the future, 22023; after the high watermark, UC202): grants without rollover are forfeited, the others roll over into children, overage is dropped unless preserve_overage. Locks the ledger. Gives {"reset": ..., "grants": [children], "replayed": ...}. A reset at the time of the last one with the same preserve_overage, or with the same idempotency_key and content, is a replay and gives the first answer; the key with other content is UC104. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION credit.reset_ledgers(
    subjects text[],
    effective_at timestamptz,
    preserve_overage boolean,
    namespace text
) RETURNS TABLE (
    reset bigint,
    already_reset bigint,
    skipped bigint
)
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'reset_ledgers_wrapper';

COMMENT ON FUNCTION credit.reset_ledgers(text[], timestamptz, boolean, text) IS
'Resets the ledgers of these subjects, in this order, as credit_reset does but without an answer, and counts: reset; those that have this very reset already; those whose high watermark is not before effective_at. Locks the first kind only. For credit_reset_all.';

-- A procedure that commits can have no SET clause. So that nobody's search path has a say, it names
-- the schema of everything, operators included.
CREATE PROCEDURE @extschema@.credit_reset_all(
    effective_at timestamptz,
    preserve_overage boolean DEFAULT false,
    batch_size integer DEFAULT 100,
    INOUT summary jsonb DEFAULT NULL,
    namespace text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    tenant pg_catalog.text;
    started_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    total pg_catalog.int8;
    last_subject pg_catalog.text := '';
    subjects pg_catalog.text[];
    -- So many ledgers are taken one by one, because a batch with them did not succeed.
    singly pg_catalog.int8 := 0;
    is_divided pg_catalog.bool;
    counts pg_catalog.record;
    -- What became of the ledgers.
    done pg_catalog.int8 := 0;
    reset pg_catalog.int8 := 0;
    already_reset pg_catalog.int8 := 0;
    skipped pg_catalog.int8 := 0;
    failed pg_catalog.int8 := 0;
    failed_in_a_row pg_catalog.int8 := 0;
    percent pg_catalog.int8;
    percent_told pg_catalog.int8 := 0;
    seconds pg_catalog.numeric;
    reason pg_catalog.text;
BEGIN
    -- In a transaction block this is refused, before anything is done.
    COMMIT;

    tenant := credit.current_namespace(namespace);
    PERFORM credit.check_time(effective_at, 'effective_at');
    PERFORM credit.check_given(preserve_overage IS NOT NULL, 'preserve_overage');
    PERFORM credit.check_given(batch_size IS NOT NULL, 'batch_size');
    IF batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"batch_size" must be positive',
            DETAIL = pg_catalog.format('It is %s.', batch_size),
            HINT = 'Give the number of ledgers that are reset in one transaction.';
    ELSIF effective_at OPERATOR(pg_catalog.>) started_at THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"effective_at" must not be in the future',
            DETAIL = pg_catalog.format('It is %s, now is %s.',
                credit.rfc3339(effective_at), credit.rfc3339(started_at));
    END IF;

    SELECT pg_catalog.count(*) INTO total
    FROM credit.ledgers AS l
    WHERE l.namespace OPERATOR(pg_catalog.=) tenant;

    -- In order of subject, so that two runs wait for each other instead of deadlocking.
    LOOP
        SELECT pg_catalog.array_agg(n.subject ORDER BY n.subject) INTO subjects
        FROM (
            SELECT l.subject
            FROM credit.ledgers AS l
            WHERE l.namespace OPERATOR(pg_catalog.=) tenant
                AND l.subject OPERATOR(pg_catalog.>) last_subject
            ORDER BY l.subject
            LIMIT CASE WHEN singly OPERATOR(pg_catalog.>) 0 THEN 1 ELSE batch_size END
        ) AS n;
        EXIT WHEN subjects IS NULL;

        is_divided := false;
        BEGIN
            SELECT c.reset, c.already_reset, c.skipped INTO counts
            FROM credit.reset_ledgers(subjects, effective_at, preserve_overage, tenant) AS c;
            reset := reset OPERATOR(pg_catalog.+) counts.reset;
            already_reset := already_reset OPERATOR(pg_catalog.+) counts.already_reset;
            skipped := skipped OPERATOR(pg_catalog.+) counts.skipped;
            failed_in_a_row := 0;
        EXCEPTION
        WHEN insufficient_privilege OR read_only_sql_transaction OR insufficient_resources
            OR system_error THEN
            -- This is not about one ledger, nor is anything that happens to one after another.
            RAISE;
        WHEN OTHERS THEN
            IF pg_catalog.cardinality(subjects) OPERATOR(pg_catalog.>) 1 THEN
                -- All of it is undone: find out which one it is.
                is_divided := true;
            ELSE
                failed := failed OPERATOR(pg_catalog.+) 1;
                failed_in_a_row := failed_in_a_row OPERATOR(pg_catalog.+) 1;
                IF failed_in_a_row OPERATOR(pg_catalog.>=) 100 THEN
                    RAISE;
                END IF;
                GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
                RAISE WARNING USING
                    ERRCODE = SQLSTATE,
                    MESSAGE = pg_catalog.format('ledger "%s" is not reset: %s',
                        subjects[1], SQLERRM),
                    DETAIL = pg_catalog.rtrim(
                        pg_catalog.format('SQLSTATE %s. %s', SQLSTATE, reason));
            END IF;
        END;
        COMMIT;
        IF is_divided THEN
            singly := pg_catalog.cardinality(subjects);
            CONTINUE;
        END IF;

        last_subject := subjects[pg_catalog.cardinality(subjects)];
        singly := GREATEST(singly OPERATOR(pg_catalog.-) 1, 0);
        done := done OPERATOR(pg_catalog.+) pg_catalog.cardinality(subjects);
        -- Ledgers may have been created meanwhile.
        total := GREATEST(total, done);
        percent := done OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
        IF singly OPERATOR(pg_catalog.=) 0 AND percent OPERATOR(pg_catalog.>) percent_told THEN
            percent_told := percent;
            seconds := EXTRACT(
                epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) started_at);
            RAISE INFO USING
                MESSAGE = pg_catalog.format('%s of %s ledgers', done, total),
                DETAIL = pg_catalog.format(
                    '%s reset, %s already reset, %s skipped, %s failed%s.',
                    reset, already_reset, skipped, failed,
                    -- Before, it would say little.
                    CASE WHEN seconds OPERATOR(pg_catalog.>=) 10 THEN pg_catalog.format(
                        '; %s a second', pg_catalog.round(done OPERATOR(pg_catalog./) seconds)) END);
        END IF;
    END LOOP;

    IF skipped OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE USING
            MESSAGE = pg_catalog.format('ledgers skipped: %s', skipped),
            DETAIL = pg_catalog.format(
                'They had another reset at %s or one after it, or are measured from then on only.',
                credit.rfc3339(effective_at));
    END IF;
    IF failed OPERATOR(pg_catalog.>) 0 THEN
        RAISE WARNING USING
            MESSAGE = pg_catalog.format('ledgers not reset: %s', failed),
            DETAIL = 'The warnings before this one say which, and why.',
            HINT = 'Call it again with the same arguments: what is done stays as it is.';
    END IF;
    summary := pg_catalog.jsonb_build_object(
        'reset', reset, 'alreadyReset', already_reset, 'skipped', skipped, 'failed', failed);
END;
$$;

COMMENT ON PROCEDURE @extschema@.credit_reset_all(timestamptz, boolean, integer, jsonb, text) IS
'Ends the usage period of every ledger of the namespace that the caller sees at effective_at (not NULL, not in the future), as credit_reset does, in order of subject; commits after every batch_size ledgers, so it is refused in a transaction block (2D000). Told as INFO: how far it is. Called again with the same arguments it goes on where it was interrupted, and changes nothing of ledgers that have that reset. Ledgers whose high watermark is not before effective_at are skipped. A ledger that cannot be reset (lock_timeout, say) is told as WARNING and the run goes on; 100 in a row, a missing privilege, a standby or a read-only session, and a server in want end it with the error. summary is {"reset": ..., "alreadyReset": ..., "skipped": ..., "failed": ...}, whatever is passed. Needs EXECUTE on credit.reset_ledgers. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';
