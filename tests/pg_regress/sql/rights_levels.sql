-- What credit.allow gives to a role, and takes.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
create role "regress_credit Reader's";
create role regress_credit_spender;
create role regress_credit_administrator;
create role regress_credit_nobody;
select credit.allow('"regress_credit Reader''s"', 'read');
select credit.allow('regress_credit_spender', 'spend');
select credit.allow('regress_credit_administrator', 'administer');
select credit.allow('regress_credit_nobody', 'nothing');

create function pg_temp.may(role regrole) returns table (kind text, what text)
language sql as $$
select 'function', p.proname::text
from pg_proc p join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e' and d.refobjid = (select oid from pg_extension where extname = 'credit')
where has_function_privilege(role, p.oid, 'execute')
union all
select 'schema', x from unnest('{USAGE,CREATE}'::text[]) x where has_schema_privilege(role, 'credit', x)
union all
select 'table', c.relname || ' ' || x
from pg_class c, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) x
where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'v') and has_table_privilege(role, c.oid, x)
union all
select 'column', c.relname || '.' || a.attname || ' ' || x
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
    unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) x
where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'v') and has_column_privilege(role, c.oid, a.attnum, x) and not has_table_privilege(role, c.oid, x)
union all
select 'sequence', c.relname || ' ' || x
from pg_class c, unnest('{SELECT,USAGE,UPDATE}'::text[]) x
where c.relnamespace = 'credit'::regnamespace and c.relkind = 'S' and has_sequence_privilege(role, c.oid, x)
$$;
create temporary table by_everybody as select * from pg_temp.may('regress_credit_nobody');
select * from by_everybody where kind <> 'function';
select * from pg_temp.may('"regress_credit Reader''s"') except table by_everybody order by 1, 2;
select * from pg_temp.may('regress_credit_spender') except select * from pg_temp.may('"regress_credit Reader''s"') order by 1, 2;
select * from pg_temp.may('regress_credit_administrator') except select * from pg_temp.may('regress_credit_spender') order by 1, 2;
-- Each level contains the one before; nothing of the extension is beyond the highest but the helper itself.
select * from pg_temp.may('regress_credit_spender') except select * from pg_temp.may('regress_credit_administrator');
select * from pg_temp.may('"regress_credit Reader''s"') except select * from pg_temp.may('regress_credit_spender');
select what as "for the owner only" from pg_temp.may(current_user::regrole) where kind = 'function' except select what from pg_temp.may('regress_credit_administrator');

-- What they have is enough.
set local role regress_credit_administrator;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select name from credit_create_feature('images', 'tokens');
select name from credit_delete_feature('images');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01 00:00+00');
select amount, id as granted from credit_create_grant('acme', 'chat', 100) \gset
select credit_reset('acme', '2024-02-01 00:00+00') -> 'replayed' as replayed;
select voided_at is not null as void from credit_void_grant(:'granted');
select amount from credit_create_grant('acme', 'chat', 100);
select amount from credit_consume('acme', 'chat', -1);
select credit_maintain();
select reset from credit.reset_ledgers('{acme}', '2024-03-01 00:00+00', false, 'default');
set local role regress_credit_spender;
select credit_ingest('acme', 'tokens', 2), credit_ingest_batch('[]'), credit_ingest_arrays('{}', '{}');
select amount from credit_consume('acme', 'chat', 1);
select allowed from credit_try_consume('acme', 'chat', 1);
select amount from credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}]');
select credit_reserve('acme', 'chat', 5) as hold \gset
select amount from credit_settle(:'hold', 2);
select credit_reserve('acme', 'chat', 5) as hold \gset
select amount from credit_release(:'hold');
set local role "regress_credit Reader's";
select credit_available('acme', 'chat');
select subject from credit_get_ledger('acme');
select slug from credit_list_meters();
select name from credit_get_feature('chat');
reset role;

-- The last level given is the level. What was granted besides is taken too.
grant execute on function credit_create_grant, credit.may_refund to regress_credit_administrator;
grant update (subject) on credit.ledgers to regress_credit_administrator;
grant all on all tables in schema credit to regress_credit_administrator;
grant all on all sequences in schema credit to regress_credit_administrator;
select credit.allow('regress_credit_administrator', 'spend');
(select * from pg_temp.may('regress_credit_administrator') except select * from pg_temp.may('regress_credit_spender'))
union all
(select * from pg_temp.may('regress_credit_spender') except select * from pg_temp.may('regress_credit_administrator'));
select credit.allow('regress_credit_administrator', 'nothing');
select * from pg_temp.may('regress_credit_administrator') except table by_everybody;
-- Nothing keeps a role from going.
drop role regress_credit_administrator;

-- Where nothing is open to PUBLIC, it is enough as well.
do $$
declare name text;
begin
    for name in select p.oid::regprocedure from pg_proc p where p.pronamespace in ('credit'::regnamespace, 'public'::regnamespace) and has_function_privilege('public', p.oid, 'execute') and (p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%') loop
        execute format('revoke execute on function %s from public', name);
    end loop;
end;
$$;
create role regress_credit_administrator;
select credit.allow('regress_credit_administrator', 'administer');
set local role regress_credit_administrator;
select slug from credit_create_meter('calls', group_by => '{kind}');
select name from credit_create_feature('calls', 'calls', '{"kind": "x"}');
select subject from credit_create_ledger('umbrella');
select credit_ingest('umbrella', 'calls', dimensions => '{"kind": "x"}');
select credit_available('umbrella', 'calls');
set local role "regress_credit Reader's";
select credit_available('umbrella', 'calls');
reset role;
set local role regress_credit_nobody;
select credit_available('umbrella', 'calls');
reset role;

-- Refused.
select credit.allow(null, 'read');
\echo :LAST_ERROR_SQLSTATE
select credit.allow('regress_credit_spender', null);
\echo :LAST_ERROR_SQLSTATE
select credit.allow('regress_credit_spender', 'all');
\echo :LAST_ERROR_SQLSTATE
select credit.allow(current_user::regrole, 'nothing');
\echo :LAST_ERROR_SQLSTATE
select credit.allow('regress_credit_unknown', 'read');
\echo :LAST_ERROR_SQLSTATE
select credit.allow(1, 'read');
\echo :LAST_ERROR_SQLSTATE
set local role regress_credit_administrator;
select credit.allow('regress_credit_administrator', 'administer');
\echo :LAST_ERROR_SQLSTATE
reset role;
-- With the rights of the caller: EXECUTE on it is not enough.
grant execute on function credit.allow to regress_credit_administrator;
set local role regress_credit_administrator;
select credit.allow('regress_credit_nobody', 'administer');
\echo :LAST_ERROR_SQLSTATE
rollback;
