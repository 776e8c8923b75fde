-- Facts are never changed or removed, whoever tries, in whichever way: in every table of the
-- extension, but for the snapshots, which are no facts.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens', group_by => '{region}');
update credit.meters set slug = 'others';
\echo :LAST_ERROR_SQLSTATE
delete from credit.meters;
truncate credit.meters;
-- Each table has a row, so that a way which asks row by row is asked.
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01Z');
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01Z', rollover_type => 'REMAINING_AMOUNT');
select voided_at is not null as void from credit_void_grant((select id from credit_create_grant('acme', 'chat', 1)));
select credit_ingest('acme', 'tokens', dimensions => '{"region": "eu"}', idempotency_key => 'key');
select credit_reset('acme', '2024-02-01Z') -> 'replayed' as replayed;
select amount from credit_settle(credit_reserve('acme', 'chat', 5), 2);
-- A list of open holds is written once many have ended.
do $$ begin for i in 1..30 loop perform credit_release(credit_reserve('acme', 'chat', 1)); end loop; end $$;
-- A seal and a checkpoint: credit_retire commits, which this test does not.
select credit.announce_seal('2024-01-15Z', null);
insert into credit.checkpoints (ledger_id, sealed_at, state, created_at) select id, '2024-01-15Z', '{"version": 1, "features": {}}', now() from credit.ledgers;
create function pg_temp.rows_of(relation name) returns bigint language plpgsql as $$
declare
    found bigint;
begin
    execute format('select count(*) from credit.%I', relation) into found;
    return found;
end;
$$;
select relname as "has no row" from pg_class
where relnamespace = 'credit'::regnamespace and relkind in ('r', 'p') and relname <> 'snapshots' and pg_temp.rows_of(relname) = 0;

create function pg_temp.ways() returns table (relation name, way text, result text) language plpgsql as $$
declare
    facts record;
    statement text;
begin
    for facts in
        select c.relname,
            (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = '') as columns,
            (select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = 1) as a_column,
            (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a, pg_index i
                where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = any (i.indkey)) as key
        from pg_class c
        where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'snapshots'
    loop
        relation := facts.relname;
        for way, statement in
            values
                ('update', 'update credit.%1$I set %2$s = %2$s'),
                ('update of none', 'update credit.%1$I set %2$s = %2$s where false'),
                ('delete', 'delete from credit.%1$I'),
                ('delete of none', 'delete from credit.%1$I where false'),
                ('truncate', 'truncate credit.%1$I'),
                ('truncate cascade', 'truncate credit.%1$I cascade'),
                ('merge update', 'merge into credit.%1$I t using (values (1)) s on true when matched then update set %2$s = t.%2$s'),
                ('merge delete', 'merge into credit.%1$I t using (values (1)) s on true when matched then delete'),
                ('with', 'with d as (delete from credit.%1$I returning 1) select * from d'),
                ('view', 'create temporary view v as select * from credit.%1$I; delete from v'),
                ('cursor', 'declare c cursor for select * from credit.%1$I for update; fetch c; delete from credit.%1$I where current of c'),
                ('conflict', 'insert into credit.%1$I (%3$s) select %3$s from credit.%1$I on conflict (%4$s) do update set %2$s = excluded.%2$s')
        loop
            continue when way = 'conflict' and facts.key is null;
            begin
                execute format(statement, facts.relname, facts.a_column, facts.columns, facts.key);
                result := 'DONE';
            exception when others then
                result := sqlstate || ' ' || sqlerrm;
            end;
            return next;
        end loop;
    end loop;
end;
$$;
create temporary table tried as select * from pg_temp.ways();
select way, bool_and(result = format('55000 table "credit.%s" is append-only', relation)) as refused, count(*) > 10 as "of many tables"
from tried group by way order by way;
select * from tried where result <> format('55000 table "credit.%s" is append-only', relation);
-- The hint for each table.
create function pg_temp.hint(relation name) returns text language plpgsql as $$
declare
    hint text;
begin
    execute format('delete from credit.%I', relation);
    return null;
exception when others then
    get stacked diagnostics hint = pg_exception_hint;
    return hint;
end;
$$;
select relname, pg_temp.hint(relname) from pg_class
where relnamespace = 'credit'::regnamespace and relkind in ('r', 'p') and relname <> 'snapshots' order by 1;
-- Snapshots may go: they are what is remembered of facts.
delete from credit.snapshots;
truncate credit.snapshots;
select slug from credit_list_meters();
rollback;
