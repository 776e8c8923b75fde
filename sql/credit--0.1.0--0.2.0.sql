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

-- Rights: refunds are a right of their own, policies on ledgers bind ingest, and roles have levels.
COMMENT ON FUNCTION @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text) IS
'Spends amount (at most 12 decimals, below 10^15; on a COUNT meter 1 or -1) of a feature (name or id) on a ledger (subject or id), now: a usage event on the meter of the feature, with the values that it filters by and the dimensions given. Not enough is available, and no overdraft (not negative) covers it: UC301, and nothing is written. A negative amount is a refund and always allowed, to whoever may execute credit.may_refund (otherwise 42501). Locks the ledger until the transaction ends; the time is taken after the lock. A replay of idempotency_key gives the first answer; with other content UC104. No such ledger UC001, feature UC002; before the start of measurement UC202; bad input 22023, out of range 22003, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text) IS
'Writes one usage event: this subject used value (at most 12 decimals, below 10^15; negative for a correction, with EXECUTE on credit.may_refund, otherwise 42501; on a COUNT meter 1 or -1) on the meter of this slug at occurred_at (NULL: the clock; may be late or in the future, years 1 to 9999), with dimensions a JSON object of strings, of dimensions that the meter has. The ledger may come later, unless row-level policies on credit.ledgers bind the caller: then it must be one that the caller sees (UC001). Takes no lock that others wait for. True; false for a replay of idempotency_key, which writes nothing; the key with other content UC104. No such meter UC004; bad input 22023, out of range 22003, NULL 22004.';

-- A privilege in the shape of a function: Rust looks whether the caller may execute it. A negative
-- amount makes credit as a grant does, so EXECUTE on what spends or ingests is not enough for one.
CREATE FUNCTION credit.may_refund() RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN true;

COMMENT ON FUNCTION credit.may_refund() IS
'EXECUTE on it is the right to refund and to correct: to give a negative amount or value to the functions that spend or ingest, which are otherwise 42501. Does nothing; true to whoever may.';

-- What is open to PUBLIC is granted too: it may have been revoked, or never given because default
-- privileges were altered.
CREATE FUNCTION credit.allow(role regrole, level text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    levels CONSTANT text[] := '{nothing,read,spend,administer}';
    spending CONSTANT text[] := '{credit_ingest,credit_ingest_batch,credit_ingest_arrays,
        credit_consume,credit_try_consume,credit_consume_batch,
        credit_reserve,credit_settle,credit_release}';
    rank int;
    owner regrole;
    grantee text;
    routine record;
BEGIN
    PERFORM credit.check_given(role IS NOT NULL, 'role');
    PERFORM credit.check_choice(level, levels, 'level');
    rank := array_position(levels, level) - 1;
    SELECT quote_ident(r.rolname) INTO grantee FROM pg_roles AS r WHERE r.oid = role;
    IF grantee IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '42704',
            MESSAGE = 'role does not exist',
            DETAIL = format('There is none with OID %s.', role::oid);
    END IF;
    SELECT n.nspowner INTO owner FROM pg_namespace AS n WHERE n.nspname = 'credit';
    IF NOT pg_has_role(owner, 'USAGE') THEN
        -- GRANT would warn only.
        RAISE EXCEPTION USING
            ERRCODE = '42501',
            MESSAGE = 'permission denied to grant rights of the extension',
            DETAIL = format('%s is neither a superuser nor the owner.', quote_ident(current_user)),
            HINT = format('Call it as %s.', owner);
    ELSIF role = owner THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"role" must not be the owner of the extension',
            DETAIL = format('It is %s, whose rights the functions use.', grantee),
            HINT = 'Give another role.';
    END IF;

    EXECUTE format('REVOKE ALL ON SCHEMA credit FROM %s', grantee);
    EXECUTE format('REVOKE ALL ON credit.ledgers, credit.meters, credit.features FROM %s', grantee);
    FOR routine IN
        SELECT p.oid::regprocedure AS name,
            CASE
                WHEN p.provolatile <> 'v' THEN 1
                WHEN p.proname = ANY (spending) THEN 2
                -- Not for a role to pass on.
                WHEN p.proname = 'allow' THEN 4
                ELSE 3
            END AS rank
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        JOIN pg_proc AS p ON p.oid = d.objid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_proc'::regclass
            AND d.deptype = 'e' AND e.extname = 'credit'
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s', routine.name, grantee);
        IF routine.rank <= rank THEN
            EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', routine.name, grantee);
        END IF;
    END LOOP;
    IF rank >= 1 THEN
        EXECUTE format('GRANT USAGE ON SCHEMA credit TO %s', grantee);
        EXECUTE format(
            'GRANT SELECT ON credit.ledgers, credit.meters, credit.features TO %s', grantee);
    END IF;
    IF rank >= 3 THEN
        EXECUTE format(
            'GRANT INSERT ON credit.ledgers, credit.meters, credit.features TO %s', grantee);
        EXECUTE format('GRANT UPDATE (archived_at, updated_at) ON credit.features TO %s', grantee);
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.allow(regrole, text) IS
'Gives a role exactly what it needs of the extension, and takes what it had of it before: level read (all that computes and lists), spend (read; usage, spends and holds, none of them negative), administer (spend; everything else, refunds and corrections included) or nothing. Issues GRANT and REVOKE with the rights of the caller, who must be a superuser or the owner. Call it again after ALTER EXTENSION credit UPDATE. Another level is 22023, as is the owner for a role; NULL 22004.';

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
REVOKE EXECUTE ON FUNCTION credit.may_refund() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.allow(regrole, text) FROM PUBLIC;
