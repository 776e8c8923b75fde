\echo Use "ALTER EXTENSION credit UPDATE TO '0.2.0'" to load this file. \quit

-- From 0.1.0 to 0.2.0.
--
-- How a change gets here: whatever is added to or changed in the other files of sql/ gets its step
-- below, in the same commit, with its reason; bin/test upgrade compares the catalogue after this
-- script with that of a fresh install, and is red until the two are the same.
-- * New objects: the same text as in the file of sql/, comments and privileges included. REVOKE is
--   not inherited: sql/privileges.sql revokes on all tables and on named functions once, at the
--   install; here each new object that is not for everybody is revoked by name.
-- * New columns come last, here and in sql/tables.sql. A column of an append-only table is added
--   without rewriting it (no volatile default, nothing generated): the stamps, which a rewrite would
--   compute anew, say which transaction wrote a row.
-- * Functions: CREATE OR REPLACE keeps privileges and dependent views. Another argument or result
--   needs DROP FUNCTION first: what users built on it is then refused, as it should be (no CASCADE),
--   and its REVOKE has to be said again.
-- * New tables of facts: pg_extension_config_dump, refuse_change trigger, REPLICA IDENTITY FULL.
-- * C symbols that sql/credit--0.1.0.sql names stay in the library as long as that file is here.
-- * No CREATE POLICY, no CREATE ROLE, no IF NOT EXISTS (an object that somebody else made is not
--   ours to trust).
-- Once 0.2.0 is released this file is frozen as well (tests/upgrade/frozen.sha256).

-- As in sql/schema.sql: names mean PostgreSQL's own objects, so that nothing planted in the schema
-- of the extension is bound into it. ALTER EXTENSION puts the path back.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Snapshots hold the engine's state in the form of the version that took them. What this version
-- reads, it is to have summed itself: deleting them changes no answer, and the next writers (or
-- credit_maintain) take new ones.
DELETE FROM credit.snapshots;

-- The steps of the features of 0.2.0: objects and their comments.

-- Retention: seals and checkpoints, and the functions that write them.
-- A seal is written in steps, each by a row. Whoever takes events or looks for the seal remembers it:
-- the stamp tells all sessions that there is another row, however it comes here.
CREATE FUNCTION credit.stamp_seal() RETURNS xid8
LANGUAGE c IMMUTABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stamp_seal_wrapper';

COMMENT ON FUNCTION credit.stamp_seal() IS
'As credit.stamp(), for the table credit.seals: tells all sessions besides that there is another seal, when the transaction commits.';

CREATE TABLE credit.seals (
    namespace text NOT NULL,
    sealed_at timestamptz NOT NULL,
    step text NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp_seal()) STORED,
    PRIMARY KEY (namespace, sealed_at, step),
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (sealed_at >= '0001-01-01 00:00:00+00' AND sealed_at < '10000-01-01 00:00:00+00'),
    CHECK (step IN ('ANNOUNCED', 'CLOSED', 'COMPLETE'))
);

COMMENT ON TABLE credit.seals IS
'Times before which nothing changes or is asked any more, because credit_retire sealed what was before. The latest of a namespace counts.';
COMMENT ON COLUMN credit.seals.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.seals.sealed_at IS 'The time of the seal.';
COMMENT ON COLUMN credit.seals.step IS 'ANNOUNCED: nothing before it is taken or asked any more. CLOSED: all transactions have ended that might not have known. COMPLETE: every ledger has its checkpoint, and the events before it are of no use.';
COMMENT ON COLUMN credit.seals.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.seals.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.seals REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.seals
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.seals IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.seals', '');

CREATE TABLE credit.checkpoints (
    ledger_id uuid NOT NULL,
    sealed_at timestamptz NOT NULL,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    PRIMARY KEY (ledger_id, sealed_at),
    CHECK (jsonb_typeof(state) = 'object')
);

COMMENT ON TABLE credit.checkpoints IS
'What is known of a ledger at a seal: every balance and history from then on starts from it, and needs no event before it. A fact, unlike a snapshot: the events may be gone.';
COMMENT ON COLUMN credit.checkpoints.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.checkpoints.sealed_at IS 'The time of the seal: credit.seals.sealed_at. The latest of a ledger counts.';
COMMENT ON COLUMN credit.checkpoints.state IS '{"version": 1, "features": {id: {...}}}, amounts as strings of plain decimals, times in RFC 3339; a feature of which nothing happened before is not there. Of a feature: firstUsageAt; usage since the last reset; overage; phase: number, overage carried in and debits (owed), usage so far (used); grants: id, amount, paid in all, and for one that is active its balance, what a correction may give back (returnable), the phase it last paid in, and the same where the phase began.';
COMMENT ON COLUMN credit.checkpoints.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.checkpoints.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.checkpoints REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.checkpoints IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.checkpoints', '');

CREATE FUNCTION credit.sealed_at(namespace text) RETURNS timestamptz
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sealed_at_wrapper';

COMMENT ON FUNCTION credit.sealed_at(text) IS
'The seal of a namespace (NULL: the setting credit.namespace): the time that credit_retire was called with last, as of now, whatever the snapshot of the transaction sees. NULL where nothing is sealed.';

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
        -- The caller may not see all ledgers.
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
'Seals the history of the namespace at before (not NULL, not in the future, not before the seal there is) and, unless delete_events is false, deletes the usage events before it. From the first commit on, events, grants, voids, resets and reads before it are refused (UC207, UC202; see the setting credit.events_before_seal). Then it waits for the transactions that have written usage or created a ledger (and for a VACUUM of credit.usage_events), gives every ledger its checkpoint under the lock of the ledger, from which balances and histories are exact without the events, and deletes these. Commits after every batch_size ledgers or a quarter of a second, and every batch_size pages of usage, so it is refused in a transaction block (2D000); READ COMMITTED only (25001). Told as INFO: how far it is. Called again with the same before it goes on where it was interrupted. A hold that is open from before is 55000. summary is {"sealed": ..., "alreadySealed": ..., "deleted": ...}, whatever is passed. Works on all ledgers of the namespace, whichever the caller sees. Needs EXECUTE on the five functions of schema credit that it calls, and SELECT on credit.ledgers. Space is free for new events after the next VACUUM. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

-- A ledger is not measured from before a seal.
CREATE OR REPLACE FUNCTION @extschema@.credit_create_ledger(
    subject text,
    metadata jsonb DEFAULT '{}',
    measure_from timestamptz DEFAULT NULL,
    if_not_exists boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.ledgers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    now_by_clock timestamptz := clock_timestamp();
    subject_as_id uuid := credit.uuid_or_null(subject);
    made credit.ledgers;
BEGIN
    PERFORM credit.check_name(subject, 'subject');
    PERFORM credit.check_string_map(metadata, 'metadata');
    PERFORM credit.check_given(if_not_exists IS NOT NULL, 'if_not_exists');
    IF measure_from IS NOT NULL THEN
        PERFORM credit.check_time(measure_from, 'measure_from');
    END IF;

    -- Two steps: few subjects look like an id, and for the others the query is not even planned.
    IF subject_as_id IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM credit.ledgers AS l
            WHERE l.id = subject_as_id AND l.namespace = tenant
        ) THEN
            RAISE EXCEPTION USING
                ERRCODE = '22023',
                MESSAGE = '"subject" must not be the id of a ledger',
                DETAIL = format('It is "%s", by which another ledger is found.', subject),
                HINT = 'Give the ledger another subject.';
        END IF;
    END IF;

    INSERT INTO credit.ledgers AS l (id, namespace, subject, metadata, measure_from, created_at)
    VALUES (
        credit.new_id(tenant, subject), tenant, subject, metadata,
        coalesce(
            measure_from,
            greatest(date_trunc('hour', now_by_clock, 'UTC'), credit.sealed_at(tenant))),
        now_by_clock)
    ON CONFLICT DO NOTHING
    RETURNING l.* INTO made;
    IF FOUND THEN
        -- Looked at after the insertion: whoever seals from now on waits for it.
        IF made.measure_from < credit.sealed_at(tenant) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'UC202',
                MESSAGE = 'time is before the seal',
                DETAIL = jsonb_build_object(
                    'error', 'high_watermark_before',
                    'subject', subject,
                    'at', credit.rfc3339(made.measure_from),
                    'sealedAt', credit.rfc3339(credit.sealed_at(tenant))),
                HINT = 'Measure from the seal or a later time: the usage before it may be gone.';
        END IF;
        RETURN made;
    END IF;

    -- Somebody was first. A statement of its own sees what they committed.
    SELECT l.* INTO made
    FROM credit.ledgers AS l
    WHERE l.namespace = tenant AND l.subject = credit_create_ledger.subject;
    IF if_not_exists
        AND made.metadata = metadata
        AND made.measure_from = coalesce(measure_from, made.measure_from) THEN
        RETURN made;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'UC101',
        MESSAGE = format('ledger for subject "%s" exists already', subject),
        DETAIL = jsonb_build_object(
            'error', 'ledger_already_exists',
            'namespace', tenant,
            -- Row-level policies may hide it.
            'ledger', CASE
                WHEN made.id IS NULL THEN jsonb_build_object('subject', subject)
                ELSE credit.ledger_json(made) END),
        HINT = CASE WHEN if_not_exists
            THEN 'Its metadata or start of measurement differs; read it with credit_get_ledger.'
            ELSE 'Use it; a subject has one ledger.' END;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_create_ledger(text, jsonb, timestamptz, boolean, text) IS
'Creates the ledger of a subject (1 to 255 characters, not the id of a ledger): metadata a JSON object whose values are strings, measure_from the start of measurement (years 1 to 9999; NULL: the start of the current hour, UTC, or the seal if that is later; before the seal it is UC202). Gives its row. If the subject has one: UC101, with it in the detail, or with if_not_exists the existing row, provided metadata and measure_from, where given, are equal. Bad input is 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

-- What is told of seals.
COMMENT ON FUNCTION @extschema@.credit_balance(text, timestamptz, text) IS
'The balance of a ledger (subject or id) at a time, past or future (NULL: the clock), as one JSON document: id, metadata, subject, featureBalances (each feature with balance, usage, overage, held, available), grantBalances (each grant with balance). Numbers are exact. Before the start of measurement or the seal (see credit_retire): UC202. No such ledger UC001; a time out of range 22023, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_ledger_balances(text, timestamptz, text) IS
'The rows of credit_feature_balances for every ledger of the namespace that the caller sees, of all features or of one (name or id), at one time (NULL: the clock, read once) and of one snapshot; in order of subject, and for a subject of the features'' creation. Ledgers whose measurement starts after that time are left out; a time before the seal is UC202. Takes memory for some thousands of ledgers, however many there are. A feature that does not exist is UC002 where the caller sees a ledger; bad input 22023. namespace NULL: the setting credit.namespace.';

COMMENT ON FUNCTION @extschema@.credit_available(text, text, timestamptz, text) IS
'What a ledger (subject or id) has left of a feature (name or id) at a time (NULL: the clock): balance - overage - what open holds take, in units of the meter; negative where more was used than granted, 0 where there is neither. Before the start of measurement or the seal: UC202. No such ledger UC001, feature UC002; a time out of range 22023, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_history(text, timestamptz, timestamptz, integer, integer, text, text) IS
'What happened on a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in order: type is GRANT_USAGE, OVERAGE, EXPIRATION, VOID, RESET, ROLLOVER, FORFEITURE or GRANT. amount changes the balance of a grant, overage what is owed of its feature; balance_after and overage_after are the feature''s. Usage rows cover [period_from, period_to), cut by granularity HOUR, DAY, WEEK (from Monday) or MONTH at calendar boundaries, UTC. row_limit (NULL: all) after the first row_offset. Before the start of measurement or the seal: UC202. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_high_watermark(text, text) IS
'The time of the last reset of a ledger (subject or id), or without one its start of measurement, or the seal of its namespace if that is later: grants, voids and resets cannot act before it. No such ledger UC001; NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text) IS
'Writes one usage event: this subject used value (at most 12 decimals, below 10^15; negative for a correction; on a COUNT meter 1 or -1) on the meter of this slug at occurred_at (NULL: the clock; may be late or in the future, years 1 to 9999), with dimensions a JSON object of strings, of dimensions that the meter has. The ledger may come later. An event before the seal of the namespace is UC207, or is dated at the seal where the setting credit.events_before_seal says at_seal. Takes no lock that others wait for. True; false for a replay of idempotency_key, which writes nothing; the key with other content UC104. No such meter UC004; bad input 22023, out of range 22003, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_usage(text, text, timestamptz, timestamptz, text, text) IS
'The usage of a feature (name or id) by a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in units of the meter: one row, or with granularity HOUR, DAY, WEEK (from Monday) or MONTH one a calendar period, UTC, those without usage too; no row where from_time = to_time. Not before the start of measurement or the seal (UC202). No such ledger UC001, feature UC002; bad input 22023, NULL 22004.';

-- An update may be run by another superuser than the owner of the extension, who need not be a
-- superuser any more: what is new is made the owner's like the rest, for the functions work as that
-- owner. After all new objects, before all privileges, which name their grantor.
DO $$
DECLARE
    owner constant regrole := (SELECT relowner FROM pg_class WHERE oid = 'credit.ledgers'::regclass);
    command text;
BEGIN
    FOR command IN
        SELECT format('ALTER %s %s OWNER TO %s', o.kind, o.name, owner)
        FROM pg_depend AS d
            JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'credit',
            LATERAL (
                SELECT 'ROUTINE', d.objid::regprocedure::text FROM pg_proc
                WHERE d.classid = 'pg_proc'::regclass AND oid = d.objid AND proowner <> owner
                UNION ALL
                SELECT 'TABLE', d.objid::regclass::text FROM pg_class -- views and sequences too
                WHERE d.classid = 'pg_class'::regclass AND oid = d.objid AND relowner <> owner
                UNION ALL
                SELECT 'TYPE', d.objid::regtype::text FROM pg_type
                WHERE d.classid = 'pg_type'::regclass AND oid = d.objid AND typowner <> owner
            ) AS o (kind, name)
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    LOOP
        EXECUTE command;
    END LOOP;
END;
$$;

-- The privileges of what is new: whatever writes is not for everybody.
REVOKE ALL ON credit.seals, credit.checkpoints FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.stamp_seal() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.announce_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.close_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.complete_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;
