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
SET LOCAL default_table_access_method = heap;

-- Snapshots hold the engine's state in the form of the version that took them. What this version
-- reads, it is to have summed itself: deleting them changes no answer, and the next writers (or
-- credit_maintain) take new ones.
DELETE FROM credit.snapshots;

-- The steps of the features of 0.2.0: objects and their comments.

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
                    -- row types of tables and arrays, which are members since PostgreSQL 17, go along
                    AND NOT EXISTS (SELECT FROM pg_depend AS i
                        WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i')
            ) AS o (kind, name)
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    LOOP
        EXECUTE command;
    END LOOP;
END;
$$;

-- The privileges of what is new: whatever writes is not for everybody.
