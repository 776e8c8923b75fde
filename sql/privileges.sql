-- Who may call what. PostgreSQL lets everybody execute a new function; here whatever writes is for
-- those only whom the operator grants it: credit is money, and a role that may look at a database
-- must not be able to make some. Tables give nothing to anybody by default; it is said again here,
-- for default privileges may have been altered. Roles and policies are the operator's: created here,
-- they would break restores.
--
-- What a role needs: USAGE on schema credit; SELECT on credit.ledgers to find ledgers, so that
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
REVOKE EXECUTE ON FUNCTION credit.stamp_seal() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.announce_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.close_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.complete_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;
