-- A caller whose search path begins with traps for all that PostgreSQL has, and for all that is ours:
-- none is ever walked into, neither with the rights of the caller nor with those of the owner.
\set SHOW_CONTEXT never
create role regress_credit_hostile;
select credit.allow('regress_credit_hostile', 'administer');
create schema regress_evil authorization regress_credit_hostile;
grant temporary on database :DBNAME to regress_credit_hostile;
set role regress_credit_hostile;

-- Functions and operators of the same names and types.
create function regress_evil.trap() returns void language plpgsql as $$ begin raise exception 'trapped as %', current_user using errcode = 'ZZ001'; end $$;
do $$
declare
    f record;
    result text;
    made int := 0;
begin
    for f in
        select p.proname, p.proretset, p.prorettype::regtype as result,
            (select string_agg(t::regtype::text, ', ' order by n) from unnest(p.proargtypes) with ordinality a (t, n)) as arguments
        from pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f'
          and not exists (
            select from pg_type t
            where t.oid in (select unnest(p.proargtypes) union select p.prorettype)
              and t.typtype = 'p' and t.typname !~ '^any.|^void$')
    loop
        begin
            execute format('create function regress_evil.%I(%s) returns %s %s language plpgsql as ''begin perform regress_evil.trap(); %s end''',
                f.proname, f.arguments, case when f.proretset then 'setof' else '' end, f.result,
                case when f.proretset or f.result = 'void'::regtype then 'return;' else 'return null;' end);
            made := made + 1;
        exception when others then
            null; -- polymorphic without an argument that tells, and the like
        end;
    end loop;
    raise notice 'enough functions: %', made > 2000;
    made := 0;
    for f in
        select o.oprname, nullif(o.oprleft, 0)::regtype as l, o.oprright::regtype as r, o.oprresult::regtype as result, p.proname
        from pg_operator o join pg_proc p on p.oid = o.oprcode
        where o.oprnamespace = 'pg_catalog'::regnamespace
    loop
        begin
            execute format('create operator regress_evil.%s (function = regress_evil.%I, %s rightarg = %s)',
                f.oprname, f.proname, 'leftarg = ' || f.l || ',', f.r);
            made := made + 1;
        exception when others then
            null; -- its function has no trap
        end;
    end loop;
    raise notice 'enough operators: %', made > 600;
end;
$$;
-- Better matches for those that take anything.
create function regress_evil.format(text, text) returns text language sql as 'select null from regress_evil.trap()';
create function regress_evil.format(text, text, text) returns text language sql as 'select null from regress_evil.trap()';
create function regress_evil.format(text, variadic text[]) returns text language sql as 'select null from regress_evil.trap()';
create function regress_evil.jsonb_build_object(variadic text[]) returns jsonb language sql as 'select null::jsonb from regress_evil.trap()';
create function regress_evil.jsonb_build_object(text, uuid, text, text, text, jsonb, text, text, text, text) returns jsonb language sql as 'select null::jsonb from regress_evil.trap()';
create function regress_evil.num_nulls(variadic text[]) returns int language sql as 'select null::int from regress_evil.trap()';
create aggregate regress_evil.array_agg(text) (sfunc = array_append, stype = text[], initcond = '{evil}');
create function regress_evil.trapped(jsonb, text) returns jsonb language sql as 'select null::jsonb from regress_evil.trap()';
create aggregate regress_evil.jsonb_agg(text) (sfunc = regress_evil.trapped, stype = jsonb);
create function regress_evil.trapped(int8) returns int8 language sql as 'select null::int8 from regress_evil.trap()';
create aggregate regress_evil.count(*) (sfunc = regress_evil.trapped, stype = int8, initcond = '0');
-- Tables and types, there and among the temporary ones.
do $$
declare
    name text;
    place text;
begin
    foreach place in array '{regress_evil,pg_temp}'::text[] loop
        for name in
            select c.relname from pg_class c where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'v')
            union select t.typname from pg_type t where t.typnamespace = 'credit'::regnamespace and t.typtype = 'c' and t.typrelid in (select oid from pg_class where relkind = 'c')
            union select unnest('{pg_class,pg_proc,pg_namespace,pg_extension,pg_depend,pg_roles}'::text[])
        loop
            execute format('create %s table %s.%I (evil int)', case place when 'pg_temp' then 'temporary' else '' end, place, name);
        end loop;
        foreach name in array '{text,uuid,jsonb,"numeric",int2,int4,int8,bool,bytea,"timestamptz","interval",xid8,tid,record,regclass,regrole,pg_snapshot}'::text[] loop
            execute format('create domain %s.%I as pg_catalog.int4 check (false)', place, name);
        end loop;
    end loop;
end;
$$;
create sequence regress_evil.intern_ids;
reset role;

-- A session of its own, in which nothing has been looked up yet: one without traps first.
\set calls `cat "$PG_ABS_SRCDIR/include/every_call.sql"`
\c -
-- No function is left out.
select proname from pg_proc where proname like 'credit\_%' and strpos(:'calls', 'public.' || proname || '(') = 0;
set role regress_credit_hostile;
set credit.namespace = 'calm';
\o /dev/null
\set VERBOSITY sqlstate
\set ECHO none
:calls
\set ECHO all
\set VERBOSITY default
\o
\c -
set role regress_credit_hostile;
create temporary table ledgers (evil int);
create domain pg_temp.text as pg_catalog.int4 check (false);
create domain pg_temp.credit as pg_catalog.int4 check (false);
set search_path = regress_evil, pg_temp, pg_catalog, public;
-- The traps are open.
select 1 = 1;
select length('x'::pg_catalog.text);
select 'x'::text;
set credit.namespace = 'hostile';
\o /dev/null
\set VERBOSITY sqlstate
\set ECHO none
:calls
\set ECHO all
\set VERBOSITY default
\o
-- Statements of the session that were planned before, and functions of the extension that call others.
set search_path = public, regress_evil, pg_temp, pg_catalog;
select credit_available('acme', 'chat', '2024-03-01Z', namespace => 'hostile');
set search_path = '';
select public.credit_available('acme', 'chat', '2024-03-01Z', namespace => 'hostile');
reset search_path;

-- Nor does what the caller set change an answer.
\c -
set role regress_credit_hostile;
set standard_conforming_strings = off;
set escape_string_warning = off;
set backslash_quote = on;
set transform_null_equals = on;
set array_nulls = off;
set bytea_output = escape;
set datestyle = 'SQL, DMY';
set intervalstyle = 'iso_8601';
set timezone = 'Asia/Kathmandu';
set extra_float_digits = -15;
set quote_all_identifiers = on;
set xmloption = document;
set plan_cache_mode = force_generic_plan;
set enable_indexscan = off;
set enable_bitmapscan = off;
set plpgsql.extra_errors = 'all';
set credit.namespace = 'settings';
\o /dev/null
\set VERBOSITY sqlstate
\set ECHO none
:calls
\set ECHO all
\set VERBOSITY default
\o
reset all;
-- All three tenants have the same.
create function pg_temp.state(tenant text) returns jsonb language sql as $$
select jsonb_build_object(
    'balances', (select jsonb_agg(to_jsonb(b) - 'ledger_id' - 'feature_id') from credit_ledger_balances(at => '2024-03-01Z', namespace => tenant) b),
    'history', (select jsonb_agg(to_jsonb(h) - 'grant_id' - 'reset_id' - 'feature_id') from credit_history('acme', '2024-01-02Z', '2024-03-01Z', namespace => tenant) h),
    'meters', (select jsonb_agg(m.slug) from credit_list_meters(namespace => tenant) m),
    'features', (select jsonb_agg(f.name) from credit_list_features(true, namespace => tenant) f))
$$;
reset role;
set timezone = 'UTC';
select pg_temp.state('calm') = pg_temp.state('hostile') as hostile, pg_temp.state('calm') = pg_temp.state('settings') as settings;
select jsonb_array_length(pg_temp.state('calm') -> 'history') > 8 as much;

-- Code of the caller that hangs on the arguments runs as the caller, and before.
set role regress_credit_hostile;
create temporary table spied (who name);
create function regress_evil.spy() returns boolean language plpgsql as $$ begin insert into spied values (current_user); return true; end $$;
create domain regress_evil.amount as numeric check (regress_evil.spy());
create domain regress_evil.words as text check (regress_evil.spy());
create domain regress_evil.labels as jsonb check (regress_evil.spy());
create type regress_evil.who as (name text);
create function regress_evil.name_of(regress_evil.who) returns text language plpgsql as $$ begin perform regress_evil.spy(); return $1.name; end $$;
create cast (regress_evil.who as text) with function regress_evil.name_of(regress_evil.who) as implicit;
set search_path = pg_catalog, public;
set credit.namespace = 'calm';
select amount from credit_consume(row('acme')::regress_evil.who, 'chat'::regress_evil.words, 1::regress_evil.amount, dimensions => '{}'::regress_evil.labels, overdraft => 1000::regress_evil.amount);
select credit_ingest_arrays(array['acme'::regress_evil.words]::text[], array[row('tokens')::regress_evil.who]::text[], array[2::regress_evil.amount]::numeric[]);
select amount from credit_create_grant(row('acme')::regress_evil.who, 'chat'::regress_evil.words, 1::regress_evil.amount, metadata => '{"a": "b"}'::regress_evil.labels);
select who, count(*) > 5 as often from spied group by who;
reset role;
\c -
drop owned by regress_credit_hostile cascade;
drop role regress_credit_hostile;
