-- Whoever may only spend cannot grant, forge, delete or look further: every way is tried.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject, id as acme from credit_create_ledger('acme', '{"owner": "a"}', '2024-01-01 00:00+00') \gset
select subject from credit_create_ledger('umbrella', '{"owner": "b"}', '2024-01-01 00:00+00');
select id as grant_id from credit_create_grant('acme', 'chat', 100) \gset
select id as hidden from credit_create_grant('umbrella', 'chat', 5000) \gset
select credit_reserve('umbrella', 'chat', 10) as hidden_hold \gset
select amount from credit_consume('umbrella', 'chat', 7, 'key of umbrella');
create role regress_credit_spender;
create schema regress_mine authorization regress_credit_spender;
select credit.allow('regress_credit_spender', 'spend');
alter table credit.ledgers enable row level security;
create policy own on credit.ledgers for select to regress_credit_spender using (metadata ->> 'owner' = 'a');

-- What becomes of a statement: nothing may stay of it.
create function pg_temp.attempt(statement text) returns text language plpgsql as $$
begin
    execute statement;
    return 'DONE';
exception when others then
    return sqlstate;
end;
$$;
create function pg_temp.facts() returns jsonb language plpgsql security definer as $$
declare
    name text;
    content text;
    facts jsonb := '{}';
begin
    for name in select relname from pg_class where relnamespace = 'credit'::regnamespace and relkind = 'r' loop
        execute format('select md5(string_agg(t::text, '','' order by t::text)) from credit.%I t', name) into content;
        facts := facts || jsonb_build_object(name, content);
    end loop;
    facts := facts || (select jsonb_build_object('intern_ids', last_value) from credit.intern_ids);
    return facts || (select jsonb_build_object('privileges', string_agg(relacl::text, ',' order by relname)) from pg_class where relnamespace = 'credit'::regnamespace);
end;
$$;
select pg_temp.facts() as before \gset

-- Each table, view and sequence of the schema, in each way. 42501: no privilege.
create function pg_temp.ways() returns table (way text, relation name, result text) language plpgsql as $$
begin
    return query
    select s.way, c.relname, pg_temp.attempt(format(s.statement, c.relname, a.attname))
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum = 1,
        (values
            ('select', 'select * from credit.%1$I'),
            ('select of a column', 'select %2$I from credit.%1$I'),
            ('count', 'select count(*) from credit.%1$I'),
            ('copy out', 'copy credit.%1$I to ''/dev/null'''),
            ('copy a query out', 'copy (select * from credit.%1$I) to ''/dev/null'''),
            ('copy in', 'copy credit.%1$I from ''/dev/null'''),
            ('insert', 'insert into credit.%1$I default values'),
            ('update', 'update credit.%1$I set %2$I = %2$I'),
            ('delete', 'delete from credit.%1$I'),
            ('merge', 'merge into credit.%1$I t using (select 1) s on true when matched then delete'),
            ('truncate', 'truncate credit.%1$I'),
            ('lock', 'lock credit.%1$I in access exclusive mode'),
            ('lock rows', 'select from credit.%1$I for update'),
            ('drop', 'drop table credit.%1$I'),
            ('trigger', 'create trigger t before insert on credit.%1$I execute function credit.refuse_change()'),
            ('disable triggers', 'alter table credit.%1$I disable trigger all'),
            ('policy', 'create policy p on credit.%1$I using (true)'),
            ('no policies', 'alter table credit.%1$I disable row level security'),
            ('rule', 'create rule r as on insert to credit.%1$I do instead nothing'),
            ('reference', 'create table regress_mine.r (x uuid references credit.%1$I (%2$I) on delete cascade)'),
            ('inherit', 'create table regress_mine.r () inherits (credit.%1$I)'),
            ('index', 'create index on credit.%1$I ((random()))'),
            ('own', 'alter table credit.%1$I owner to regress_credit_spender'),
            ('grant', 'grant all on credit.%1$I to regress_credit_spender')
        ) as s (way, statement)
    where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'v', 'p', 'm')
    union all
    select s.way, c.relname, pg_temp.attempt(format(s.statement, c.relname))
    from pg_class c,
        (values
            ('nextval', 'select nextval(''credit.%I'')'),
            ('setval', 'select setval(''credit.%I'', 1)'),
            ('sequence', 'select * from credit.%I')
        ) as s (way, statement)
    where c.relnamespace = 'credit'::regnamespace and c.relkind = 'S';
end;
$$;
set local session authorization regress_credit_spender;
-- What is not refused for want of a privilege: reading what is granted, a GRANT that grants nothing,
-- and a reference where there is nothing to refer to. (MERGE into a view that nobody can write to is
-- 0A000 before PostgreSQL 17, 55000 since.)
select case w.way when 'merge' then replace(w.result, '55000', '0A000') else w.result end as result,
    w.way, w.relation
from pg_temp.ways() w where w.result <> '42501' order by 1, 2, 3;

-- Each function that is not open to the role, and each that is, on what belongs to others.
select p.proname, pg_temp.attempt(format('%s %I.%I(%s)', case p.prokind when 'p' then 'call' else 'select' end,
    p.pronamespace::regnamespace::text, p.proname,
    (select string_agg('null::' || t::regtype, ', ') from unnest(p.proargtypes) t))) as result
from pg_proc p join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e' and d.refobjid = (select oid from pg_extension where extname = 'credit')
where not has_function_privilege(p.oid, 'execute')
order by p.proname collate "C";
select regexp_replace(s.call, '[0-9a-f]{8}-[-0-9a-f]*', '…') as call, pg_temp.attempt('select ' || s.call) as result
from (values
    ('credit_create_grant(''acme'', ''chat'', 1)'),
    ('credit_create_grant(''acme'', ''chat'', -1)'),
    ('credit_consume(''acme'', ''chat'', -1)'),
    ('credit_consume(''umbrella'', ''chat'', 1)'),
    ('credit_consume(''umbrella'', ''chat'', 7, ''key of umbrella'')'),
    ('credit_consume(''acme'', ''chat'', 7, ''key of umbrella'')'),
    ('credit_try_consume(''umbrella'', ''chat'', 1)'),
    ('credit_consume_batch(''[{"ledger": "acme", "feature": "chat", "amount": 1}, {"ledger": "umbrella", "feature": "chat", "amount": 1}]'')'),
    ('credit_reserve(''umbrella'', ''chat'', 1)'),
    ('credit_settle(''' || :'hidden_hold' || ''', 0)'),
    ('credit_release(''' || :'hidden_hold' || ''')'),
    ('credit_ingest(''acme'', ''tokens'', -1)'),
    ('credit_ingest(''umbrella'', ''tokens'', 1)'),
    ('credit_ingest(''umbrella'', ''tokens'', 7, idempotency_key => ''key of umbrella'')'),
    ('credit_ingest(''nobody'', ''tokens'', 1)'),
    ('credit_ingest_batch(''[{"subject": "umbrella", "meter": "tokens"}]'')'),
    ('credit_ingest_arrays(''{umbrella}'', ''{tokens}'')'),
    ('credit_void_grant(''' || :'grant_id' || ''')'),
    ('credit_reset(''acme'')'),
    ('credit.reset_ledgers(''{acme}'', now(), false, ''default'')'),
    ('credit.archive_feature(gen_random_uuid())'),
    ('credit.new_id(null, null)'),
    ('credit.allow(''regress_credit_spender'', ''administer'')'),
    ('credit_get_ledger(''umbrella'')'),
    ('credit_balance(''umbrella'')'),
    ('credit_feature_balances(''umbrella'')'),
    ('credit_grant_balances(''umbrella'')'),
    ('credit_available(''umbrella'', ''chat'')'),
    ('credit_history(''umbrella'')'),
    ('credit_usage(''umbrella'', ''chat'')'),
    ('credit_high_watermark(''umbrella'')'),
    ('credit_get_grant(''' || :'hidden' || ''')'),
    ('credit_list_grants(''{umbrella}'')'),
    ('credit_list_holds(''umbrella'')')
) as s (call);
select distinct subject from credit_list_ledgers() union select subject from credit_ledger_balances();
select distinct ledger_id = :'acme' as own from credit_list_grants();

-- Other roads to other rights.
select s.statement, pg_temp.attempt(s.statement) as result
from (values
    ('set role postgres'),
    ('alter extension credit drop table credit.grants'),
    ('alter extension credit update'),
    ('drop extension credit cascade'),
    ('alter schema credit owner to regress_credit_spender'),
    ('create table credit.mine (x int)'),
    ('create function credit.mine() returns int language sql return 1'),
    ('create or replace function credit.stamp() returns xid8 language sql immutable return ''1''::xid8'),
    ('alter function credit.stamp() owner to regress_credit_spender'),
    ('alter function credit_consume security definer'),
    ('create function pg_temp.stamp() returns xid8 language c as ''$libdir/credit'', ''stamp_wrapper'''),
    ('set session_replication_role = replica'),
    ('set local credit.unknown = 1')
) as s (statement);
-- A function that its caller owns runs as its owner, and lends nobody's rights but those.
create function pg_temp.trampoline() returns bigint language sql security definer as 'select count(*) from credit.grants';
select pg_temp.attempt('select pg_temp.trampoline()');
reset session authorization;
select pg_temp.trampoline();

-- Nothing has changed: not even a row of a cache, nor a number of the sequence.
select pg_temp.facts() = :'before'::jsonb as unchanged;
rollback;
