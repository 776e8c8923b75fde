-- Who may call what. PostgreSQL lets everybody execute a new function; here whatever writes is for
-- those only whom the operator grants it: credit is money, and a role that may look at a database
-- must not be able to make some. Tables give nothing to anybody by default; it is said again here,
-- for default privileges may have been altered. Roles and policies are the operator's: created here,
-- they would break restores.
--
-- What a role needs, and credit.allow grants: USAGE on schema credit; SELECT on credit.ledgers to find ledgers, so that
-- row-level policies there decide whose; EXECUTE on what it is to call. Grants, usage, spends and
-- resets need no other table: once the ledger is found, the functions in Rust continue as the
-- owner. Those in PL/pgSQL never do: meters, features and ledgers need SELECT on their tables to be
-- read, and INSERT (UPDATE to archive a feature) and EXECUTE on credit.new_id
-- (credit.archive_feature) to be written.

REVOKE ALL ON SCHEMA credit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA credit FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA credit FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION credit.new_id(text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.archive_feature(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_meter(text, text, text[], boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_feature(text, text, jsonb, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_delete_feature(text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_ledger(text, jsonb, timestamptz, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_grant(text, text, numeric, integer, timestamptz, interval, timestamptz, text,
        numeric, interval, timestamptz, jsonb, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_void_grant(uuid, timestamptz, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest_batch(jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest_arrays(text[], text[], numeric[], timestamptz[], text[], jsonb[], text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.reset_ledgers(text[], timestamptz, boolean, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_reset_all(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_maintain(text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_reset(text, timestamptz, boolean, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_try_consume(text, text, numeric, text, jsonb, numeric, jsonb, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_reserve(text, text, numeric, interval, text, jsonb, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_settle(uuid, numeric, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_release(uuid, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_consume_batch(jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.announce_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.close_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.complete_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;

-- A privilege in the shape of a function: Rust looks whether the caller may execute it. A negative
-- amount makes credit as a grant does, so EXECUTE on what spends or ingests is not enough for one.
CREATE FUNCTION credit.may_refund() RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN true;

COMMENT ON FUNCTION credit.may_refund() IS
'EXECUTE on it is the right to refund and to correct: to give a negative amount or value to the functions that spend or ingest, which are otherwise 42501. Does nothing; true to whoever may.';

REVOKE EXECUTE ON FUNCTION credit.may_refund() FROM PUBLIC;

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
    relation record;
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

    -- Two at once, or another command that changes a table beside this one (VACUUM FULL, say), would change the same
    -- rows of the catalogue, which is an internal error (XX000).
    FOR relation IN
        SELECT c.oid::regclass AS name FROM pg_class AS c
        WHERE c.relnamespace = 'credit'::regnamespace AND c.relkind = 'r' ORDER BY c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', relation.name);
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA credit FROM %s', grantee);
    FOR relation IN
        SELECT c.oid::regclass AS name
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        JOIN pg_class AS c ON c.oid = d.objid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_class'::regclass
            AND d.deptype = 'e' AND e.extname = 'credit' AND c.relkind IN ('r', 'v', 'S')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation.name, grantee);
    END LOOP;
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

REVOKE EXECUTE ON FUNCTION credit.allow(regrole, text) FROM PUBLIC;
