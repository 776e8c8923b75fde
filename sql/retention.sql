-- Retention: the history of a namespace is sealed, and the events before the seal deleted.

CREATE FUNCTION credit.announce_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'announce_seal_wrapper';

COMMENT ON FUNCTION credit.announce_seal(timestamptz, text) IS
'The first step of a seal: from the commit on, nothing before it is taken or asked. false: that was so already. A time in the future or before the newest seal is 22023, a hold that is open from before it 55000. For credit_retire.';

CREATE FUNCTION credit.close_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'close_seal_wrapper';

COMMENT ON FUNCTION credit.close_seal(timestamptz, text) IS
'The second step of a seal: waits for the end of every transaction that has written usage or created a ledger, in any namespace, and keeps no new one waiting. false: that was done. Before the first step is committed 55000. For credit_retire.';

CREATE FUNCTION credit.seal_ledgers(
    sealed_at timestamptz,
    after_subject text,
    most integer,
    namespace text
) RETURNS TABLE (
    last_subject text,
    sealed bigint,
    already_sealed bigint
)
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seal_ledgers_wrapper';

COMMENT ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) IS
'The third step of a seal: locks the next ledgers that are measured from before it, in order of subject, and writes their checkpoints: of as many at most, and fewer where that takes more than a quarter of a second. last_subject is NULL where there is none left. Before the second step 55000. For credit_retire.';

CREATE FUNCTION credit.complete_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'complete_seal_wrapper';

COMMENT ON FUNCTION credit.complete_seal(timestamptz, text) IS
'The fourth step of a seal: checks that all ledgers have their checkpoints, 55000 where one has none. false: that was done. For credit_retire.';

CREATE FUNCTION credit.delete_sealed_events(
    sealed_at timestamptz,
    first_page bigint,
    pages integer,
    namespace text
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'delete_sealed_events_wrapper';

COMMENT ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) IS
'The last step of a seal: deletes the events of the namespace before it that lie in these pages of credit.usage_events; gives how many. Before the fourth step 55000. For credit_retire.';

-- A procedure that commits can have no SET clause. So that nobody's search path has a say, it names
-- the schema of everything, operators included.
CREATE PROCEDURE @extschema@.credit_retire(
    before timestamptz,
    delete_events boolean DEFAULT true,
    batch_size integer DEFAULT 100,
    INOUT summary jsonb DEFAULT NULL,
    namespace text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    tenant pg_catalog.text;
    total pg_catalog.int8;
    last_subject pg_catalog.text := '';
    batch pg_catalog.record;
    done pg_catalog.int8 := 0;
    page pg_catalog.int8 := 0;
    percent pg_catalog.int8;
    percent_told pg_catalog.int8 := 0;
    -- What became of ledgers and events.
    sealed pg_catalog.int8 := 0;
    already_sealed pg_catalog.int8 := 0;
    deleted pg_catalog.int8 := 0;
BEGIN
    -- In a transaction block this is refused, before anything is done.
    COMMIT;

    tenant := credit.current_namespace(namespace);
    PERFORM credit.check_time(before, 'before');
    PERFORM credit.check_given(delete_events IS NOT NULL, 'delete_events');
    PERFORM credit.check_given(batch_size IS NOT NULL, 'batch_size');
    IF batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"batch_size" must be positive',
            DETAIL = pg_catalog.format('It is %s.', batch_size),
            HINT = 'Give the number of ledgers, and of pages of usage, that are worked on in one transaction.';
    END IF;

    -- Each step tells whether there was anything to do, and is sure of those before.
    PERFORM credit.announce_seal(before, tenant);
    COMMIT;
    PERFORM credit.close_seal(before, tenant);
    COMMIT;

    SELECT pg_catalog.count(*) INTO total
    FROM credit.ledgers AS l
    WHERE l.namespace OPERATOR(pg_catalog.=) tenant
        AND l.measure_from OPERATOR(pg_catalog.<) before;
    LOOP
        SELECT s.last_subject, s.sealed, s.already_sealed INTO batch
        FROM credit.seal_ledgers(before, last_subject, batch_size, tenant) AS s;
        EXIT WHEN batch.last_subject IS NULL;
        COMMIT;
        last_subject := batch.last_subject;
        sealed := sealed OPERATOR(pg_catalog.+) batch.sealed;
        already_sealed := already_sealed OPERATOR(pg_catalog.+) batch.already_sealed;
        done := sealed OPERATOR(pg_catalog.+) already_sealed;
        -- The owner may not see all ledgers, where policies are forced.
        total := GREATEST(total, done);
        percent := done OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
        IF percent OPERATOR(pg_catalog.>) percent_told THEN
            percent_told := percent;
            RAISE INFO USING
                MESSAGE = pg_catalog.format('%s of %s ledgers sealed', done, total);
        END IF;
    END LOOP;
    PERFORM credit.complete_seal(before, tenant);
    COMMIT;

    IF delete_events THEN
        -- Pages that are added from now on have no event before the seal.
        total := pg_catalog.pg_relation_size('credit.usage_events'::pg_catalog.regclass)
            OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8;
        percent_told := 0;
        WHILE page OPERATOR(pg_catalog.<) total LOOP
            deleted := deleted OPERATOR(pg_catalog.+)
                credit.delete_sealed_events(before, page, batch_size, tenant);
            COMMIT;
            page := page OPERATOR(pg_catalog.+) batch_size;
            percent := LEAST(page, total) OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
            IF percent OPERATOR(pg_catalog.>) percent_told THEN
                percent_told := percent;
                RAISE INFO USING
                    MESSAGE = pg_catalog.format('%s of %s pages of usage', LEAST(page, total), total),
                    DETAIL = pg_catalog.format('%s events deleted.', deleted);
            END IF;
        END LOOP;
    END IF;
    summary := pg_catalog.jsonb_build_object(
        'sealed', sealed, 'alreadySealed', already_sealed, 'deleted', deleted);
END;
$$;

COMMENT ON PROCEDURE @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text) IS
'Seals the history of the namespace at before (not NULL, not in the future, not before the seal there is) and, unless delete_events is false, deletes the usage events before it. From the first commit on, events, grants, voids, resets and reads before it are refused (UC207, UC202; see the setting credit.events_before_seal). Then it waits for the transactions that have written usage or created a ledger (and for a VACUUM of credit.usage_events), gives every ledger its checkpoint under the lock of the ledger, from which balances and histories are exact without the events, and deletes these. Commits after every batch_size ledgers or a quarter of a second, and every batch_size pages of usage, so it is refused in a transaction block (2D000); READ COMMITTED only (25001). Told as INFO: how far it is. Called again with the same before it goes on where it was interrupted. A hold that is open from before is 55000. summary is {"sealed": ..., "alreadySealed": ..., "deleted": ...}, whatever is passed. Works on all ledgers of the namespace: whom row-level policies on credit.ledgers bind is refused (42501). Needs EXECUTE on the five functions of schema credit that it calls, and SELECT on credit.ledgers. Space is free for new events after the next VACUUM. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';
