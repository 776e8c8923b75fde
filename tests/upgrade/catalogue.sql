-- Prints all that the catalogue says of the extension credit, as text, one fact a line: two databases have the same
-- extension if and only if this prints the same in both. Whatever is not named here is taken over from the system
-- catalogues as it stands (to_jsonb), so that nothing is forgotten; oids, and what storage and statistics say, are
-- left out or written as names. Columns are numbered as they stand, dropped ones not counted.
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
\pset null 'NULL'
SET search_path = pg_catalog;
SET client_min_messages = warning;

-- What the extension owns, and what hangs on that: indexes, constraints, defaults, triggers, rules, row types.
-- TOAST tables are named by oids: their options are printed with their tables.
CREATE TEMPORARY TABLE owned AS
WITH RECURSIVE owned (classid, objid) AS (
    SELECT d.classid, d.objid
    FROM pg_depend AS d, pg_extension AS e
    WHERE e.extname = 'credit' AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    UNION
    SELECT d.classid, d.objid
    FROM owned AS o JOIN pg_depend AS d ON d.refclassid = o.classid AND d.refobjid = o.objid
    WHERE d.deptype IN ('a', 'i')
)
SELECT classid, objid, i.type, i.identity,
    EXISTS (SELECT FROM pg_depend AS d
        WHERE d.classid = o.classid AND d.objid = o.objid AND d.objsubid = 0 AND d.deptype = 'e') AS is_member
FROM owned AS o, pg_identify_object(classid, objid, 0) AS i
WHERE NOT (classid = 'pg_class'::regclass AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'pg_toast'::regnamespace));

CREATE FUNCTION pg_temp.acl(aclitem[]) RETURNS text
LANGUAGE sql AS 'SELECT coalesce((SELECT string_agg(a::text, '', '' ORDER BY a::text) FROM unnest($1) AS a), ''NULL'')';

\echo == extension
SELECT 'version ' || e.extversion, to_jsonb(e) - '{oid,extname,extversion,extowner,extnamespace,extconfig,extcondition}'::text[],
    extowner::regrole, extnamespace::regnamespace, obj_description(e.oid, 'pg_extension')
FROM pg_extension AS e WHERE extname = 'credit';
SELECT 'dumped ' || c.tab::regclass, c.condition
FROM pg_extension, unnest(extconfig, extcondition) AS c (tab, condition) WHERE extname = 'credit' ORDER BY 1;

\echo == objects
SELECT type, identity, CASE WHEN is_member THEN 'member' ELSE 'part of one' END,
    coalesce('comment: ' || obj_description(objid, classid::regclass::text), 'no comment')
FROM owned ORDER BY type, identity;

\echo == in the schema credit, and not of the extension
SELECT i.type, i.identity
FROM (SELECT 'pg_class'::regclass AS classid, oid FROM pg_class WHERE relnamespace = 'credit'::regnamespace
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = 'credit'::regnamespace
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = 'credit'::regnamespace
    UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace = 'credit'::regnamespace)
        AS a (classid, objid),
    pg_identify_object(classid, objid, 0) AS i
WHERE (classid, objid) NOT IN (SELECT classid, objid FROM owned)
ORDER BY i.type, i.identity;

\echo == schemas
SELECT o.identity, nspowner::regrole, pg_temp.acl(nspacl)
FROM owned AS o JOIN pg_namespace AS n ON n.oid = o.objid WHERE o.classid = 'pg_namespace'::regclass ORDER BY 1;

\echo == relations
SELECT o.identity, relowner::regrole, (SELECT amname FROM pg_am WHERE oid = relam) AS am,
    to_jsonb(c) - '{oid,relname,relnamespace,relowner,relacl,relam,reltype,reloftype,relfilenode,reltoastrelid,relnatts,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid}'::text[],
    (SELECT to_jsonb(t.reloptions) FROM pg_class AS t WHERE t.oid = c.reltoastrelid) AS toast, pg_temp.acl(relacl)
FROM owned AS o JOIN pg_class AS c ON c.oid = o.objid WHERE o.classid = 'pg_class'::regclass ORDER BY o.identity;

\echo == columns
SELECT o.identity, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname,
    format_type(atttypid, atttypmod), attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
    to_jsonb(a) - '{attrelid,attname,attnum,atttypid,atttypmod,attcollation,attcacheoff,attoptions,attacl,atthasmissing,attmissingval}'::text[],
    array(SELECT option FROM unnest(attoptions) AS option WHERE option NOT LIKE 'pg\_attver=%' ORDER BY 1), -- a server's own mark, of 15.20 for one
    pg_temp.acl(attacl), coalesce('comment: ' || col_description(a.attrelid, a.attnum), 'no comment')
FROM owned AS o JOIN pg_attribute AS a ON a.attrelid = o.objid LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE o.classid = 'pg_class'::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY o.identity, 2;

\echo == constraints
SELECT o.identity, pg_get_constraintdef(c.oid), convalidated, condeferrable, condeferred, connoinherit, conislocal, coninhcount
FROM owned AS o JOIN pg_constraint AS c ON c.oid = o.objid WHERE o.classid = 'pg_constraint'::regclass
ORDER BY o.identity;

\echo == indexes
SELECT o.identity, pg_get_indexdef(objid),
    to_jsonb(i) - '{indexrelid,indrelid,indkey,indcollation,indclass,indexprs,indpred,indcheckxmin}'::text[]
FROM owned AS o JOIN pg_index AS i ON i.indexrelid = o.objid WHERE o.classid = 'pg_class'::regclass
ORDER BY o.identity;

\echo == triggers
SELECT o.identity, pg_get_triggerdef(objid), tgenabled, tgisinternal
FROM owned AS o JOIN pg_trigger AS t ON t.oid = o.objid WHERE o.classid = 'pg_trigger'::regclass
ORDER BY o.identity;

\echo == rules, views, policies
SELECT o.identity, pg_get_ruledef(objid), ev_enabled
FROM owned AS o JOIN pg_rewrite AS r ON r.oid = o.objid WHERE o.classid = 'pg_rewrite'::regclass
ORDER BY o.identity;
SELECT o.identity, polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
FROM owned AS o JOIN pg_policy AS p ON p.oid = o.objid WHERE o.classid = 'pg_policy'::regclass
ORDER BY o.identity;

\echo == sequences
SELECT o.identity, seqtypid::regtype, to_jsonb(s) - '{seqrelid,seqtypid}'::text[]
FROM owned AS o JOIN pg_sequence AS s ON s.seqrelid = o.objid WHERE o.classid = 'pg_class'::regclass
ORDER BY o.identity;

\echo == types
SELECT o.identity, typowner::regrole, typbasetype::regtype, typtypmod, typcollation::regcollation,
    to_jsonb(t) - '{oid,typname,typnamespace,typowner,typacl,typrelid,typelem,typarray,typbasetype,typtypmod,typcollation,typdefaultbin}'::text[],
    (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), pg_temp.acl(typacl)
FROM owned AS o JOIN pg_type AS t ON t.oid = o.objid WHERE o.classid = 'pg_type'::regclass
ORDER BY o.identity;

-- With the label of each, the C symbol or the source; defaults are in the definition too.
\echo == functions
SELECT o.identity, proowner::regrole, CASE WHEN prokind <> 'a' THEN pg_get_functiondef(objid) END,
    to_jsonb(p) - '{oid,proname,pronamespace,proowner,proacl,prolang,provariadic,prosupport,prorettype,proargtypes,proallargtypes,proargdefaults,protrftypes,prosqlbody}'::text[],
    prosupport::regproc, pg_temp.acl(proacl)
FROM owned AS o JOIN pg_proc AS p ON p.oid = o.objid WHERE o.classid = 'pg_proc'::regclass
ORDER BY o.identity;

-- What of the privileges came with the extension: pg_dump takes along what differs from it.
\echo == initial privileges
SELECT o.type, o.identity,
    (SELECT attname FROM pg_attribute WHERE i.classoid = 'pg_class'::regclass AND attrelid = i.objoid AND attnum = i.objsubid AND attnum > 0),
    privtype, pg_temp.acl(initprivs)
FROM owned AS o JOIN pg_init_privs AS i ON i.classoid = o.classid AND i.objoid = o.objid
ORDER BY 1, o.identity, 3;

\echo == dependencies
SELECT pg_describe_object(d.classid, d.objid, d.objsubid), deptype, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
FROM pg_depend AS d JOIN owned AS o ON o.classid = d.classid AND o.objid = d.objid
ORDER BY 1, 2, 3;
SELECT pg_describe_object(d.classid, d.objid, d.objsubid), deptype, pg_describe_object(d.refclassid, d.refobjid, 0)
FROM pg_shdepend AS d JOIN owned AS o ON o.classid = d.classid AND o.objid = d.objid
WHERE d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY 1, 2, 3;

\echo == security labels
SELECT o.type, o.identity, objsubid, provider, label
FROM owned AS o JOIN pg_seclabel AS s ON s.classoid = o.classid AND s.objoid = o.objid ORDER BY 1, 2, 3, 4;

-- A kind of object that is not looked at above would be compared by its name only.
\echo == kinds of objects that this file does not look into
SELECT DISTINCT classid::regclass FROM owned
WHERE classid <> ALL ('{pg_namespace,pg_class,pg_proc,pg_type,pg_constraint,pg_trigger,pg_rewrite,pg_policy,pg_attrdef}'::regclass[])
ORDER BY 1;
