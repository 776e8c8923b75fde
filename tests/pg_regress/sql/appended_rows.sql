-- Events and spends are written without SQL, unless somebody put there what only SQL minds.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
create function pg_temp.tell() returns trigger language plpgsql as $$
begin
    raise notice '% % %', tg_when, tg_table_name, tg_level;
    return new;
end;
$$;
create function pg_temp.use() returns table (ingested boolean, batch bigint, spent numeric) language plpgsql as $$
begin
    ingested := credit_ingest('acme', 'tokens', 1, '2024-01-02');
    batch := credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', '{1,2}', '{2024-01-02,2024-01-02}');
    spent := amount from credit_consume('acme', 'chat', 3);
    return next;
end;
$$;
\set VERBOSITY terse
savepoint empty;
-- A column that must not be NULL any more.
alter table credit.spends alter dims_id set not null;
select * from pg_temp.use();
rollback to empty;
-- The bounds of a partition.
create table by_time (like credit.usage_events including generated) partition by range (occurred_at);
alter table by_time attach partition credit.usage_events for values from ('2024-01-01') to ('2024-01-02');
select * from pg_temp.use();
rollback to empty;
-- Nothing of that kind.
select * from pg_temp.use();
-- Triggers, before and after, of rows and statements.
savepoint plain;
create trigger told before insert on credit.usage_events for each row execute function pg_temp.tell();
create trigger told after insert on credit.spends execute function pg_temp.tell();
select * from pg_temp.use();
rollback to plain;
-- A check.
alter table credit.usage_events add constraint small check (value < 3) not valid;
select * from pg_temp.use();
rollback to plain;
-- A rule.
create table audit (stream_id bigint, value numeric);
create rule audited as on insert to credit.usage_events do also insert into audit values (new.stream_id, new.value);
select * from pg_temp.use();
select count(*), sum(value) from audit;
rollback to plain;
-- A column more, with a default.
alter table credit.usage_events add column seen_at timestamptz default '2024-05-05';
select * from pg_temp.use();
select distinct seen_at from credit.usage_events;
rollback to plain;
-- Indexes of all kinds: none is forgotten.
create index on credit.usage_events (value);
create index on credit.usage_events ((value * 2)) where value > 1;
select * from pg_temp.use();
set local enable_seqscan = off;
select count(*) from credit.usage_events where value = 2;
select count(*) from credit.usage_events where value * 2 = 6 and value > 1;
rollback to plain;
create index on credit.usage_events (value);
select * from pg_temp.use();
set local enable_seqscan = off;
select count(*) from credit.usage_events where value = 2;
rollback to plain;
-- What was appended is there for the next command of a function, and in a cursor opened after it.
do $$
declare
    events cursor for select count(*) from credit.usage_events;
    n bigint;
begin
    perform credit_ingest('acme', 'tokens', 1, '2024-01-02');
    open events;
    perform credit_ingest('acme', 'tokens', 1, '2024-01-02');
    fetch events into n;
    raise notice '% in the cursor, % now', n, (select count(*) from credit.usage_events);
end;
$$;
