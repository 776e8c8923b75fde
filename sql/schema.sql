-- The schema of the tables, and the two functions that the tables themselves need.

\echo Use "CREATE EXTENSION credit" to load this file. \quit

-- While this script runs, names mean PostgreSQL's own objects: otherwise a function that somebody
-- planted in the schema of the extension could be bound into ours, and run with their callers'
-- rights. CREATE EXTENSION puts the path back.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Rows are written and locked where they lie, as those of a heap.
SET LOCAL default_table_access_method = heap;

-- The script itself is ASCII, so that it gets here in any encoding.
DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION USING
            ERRCODE = '0A000',
            MESSAGE = 'extension "credit" needs a database with encoding UTF8',
            DETAIL = format('The encoding of this one is %s.', current_setting('server_encoding')),
            HINT = 'Create the database with ENCODING ''UTF8''.';
    END IF;
END;
$$;

-- Not IF NOT EXISTS: a schema of this name that somebody else made is not ours to trust.
CREATE SCHEMA credit;

COMMENT ON SCHEMA credit IS
'Tables and internals of the extension credit. Call the functions named credit_* instead of writing here: facts are append-only.';

-- IMMUTABLE is not true and is wanted: only so may a generated column call it. A generated column
-- cannot be set by hand, is left out of dumps and of logical replication, and is computed where the
-- row is written (by COPY, pg_restore --disable-triggers and logical apply too), so the stamp always
-- names a transaction of this cluster. The expression is evaluated when a statement starts to run,
-- never kept in a plan. PARALLEL UNSAFE: it assigns a transaction id.
CREATE FUNCTION credit.stamp() RETURNS xid8
LANGUAGE c IMMUTABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stamp_wrapper';

COMMENT ON FUNCTION credit.stamp() IS
'The id of the transaction that runs, assigned if it had none: the value of the generated column xid of every table here. Labelled IMMUTABLE on purpose, so that a generated column may call it; of no use elsewhere.';

CREATE FUNCTION credit.refuse_change() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'refuse_change_wrapper';

COMMENT ON FUNCTION credit.refuse_change() IS
'Trigger: refuses UPDATE, DELETE and TRUNCATE of append-only tables. Only a change that the extension itself makes passes.';
