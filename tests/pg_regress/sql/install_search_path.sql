-- While CREATE EXTENSION runs, functions and operators that somebody put into its schema before are
-- not bound into it.
\set SHOW_CONTEXT never
begin;
drop extension credit;
create schema regress_theirs;
create function regress_theirs.jsonb_build_object(
    text, uuid, text, text, text, jsonb, text, text, text, text) returns jsonb
language sql as $$ select '"evil"'::jsonb $$;
create function regress_theirs.num_nulls(integer, text, timestamptz) returns integer
immutable language sql as $$ select 0 $$;
create function regress_theirs.length(text) returns integer
immutable language sql as $$ select 7 $$;
create function regress_theirs.rfc3339(timestamptz) returns text
language sql as $$ select 'evil' $$;
create function regress_theirs.differ(text, text) returns boolean
immutable language sql as $$ select false $$;
create operator regress_theirs.~ (function = regress_theirs.differ, leftarg = text, rightarg = text);
set local search_path = regress_theirs, public;
create extension credit schema regress_theirs;
reset search_path;
-- What depends on a function depends on one of the extension.
select d.classid::regclass as kind, pg_describe_object(d.classid, d.objid, d.objsubid) as object,
    d.refobjid::regprocedure as function
from pg_depend as d join pg_proc as p on p.oid = d.refobjid
where d.refclassid = 'pg_proc'::regclass and p.pronamespace = 'regress_theirs'::regnamespace
    and d.classid <> 'pg_operator'::regclass and p.proname not like 'credit\_%';
select d.refobjid::regoperator as operator
from pg_depend as d join pg_operator as o on o.oid = d.refobjid
where d.refclassid = 'pg_operator'::regclass and o.oprnamespace = 'regress_theirs'::regnamespace;
-- In a schema of its own it works as in public.
select regress_theirs.credit_create_ledger('acme', measure_from => '2024-01-01Z') is null as failed;
\set VERBOSITY terse
\set ON_ERROR_ROLLBACK on
select regress_theirs.credit_create_ledger('acme');
select regress_theirs.credit_balance('acme') ->> 'subject' as subject;
rollback;
