-- What a session has measured last it goes on from, as long as it holds.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 1000, effective_at => '2024-01-01');
select name from credit_create_feature('eu', 'tokens', '{"region": "eu"}');
commit;
set credit.snapshot_interval = 0;
alter table credit.usage_events set (autovacuum_enabled = off);
alter table credit.snapshots set (autovacuum_enabled = off);
-- What is available, and whether that is found without a look for a snapshot in the table.
create procedure pg_temp.available(feature text default 'chat') language plpgsql as $$
begin
    raise notice '% %', feature, credit_available('acme', feature);
end $$;
create procedure pg_temp.remembered(feature text default 'chat') language plpgsql as $$
declare before bigint; available numeric; after bigint;
begin
    select idx_scan into before from pg_stat_xact_user_tables where relid = 'credit.snapshots'::regclass;
    available := credit_available('acme', feature);
    select idx_scan into after from pg_stat_xact_user_tables where relid = 'credit.snapshots'::regclass;
    raise notice '% %, remembered: %', feature, available, after is not distinct from before;
end $$;
select count(credit_ingest('acme', 'tokens', 1, '2024-02-01', case when n % 2 = 0 then '{"region": "eu"}'::jsonb end)) from generate_series(1, 20) as n;
call pg_temp.remembered();
call pg_temp.remembered();
call pg_temp.remembered('eu');
call pg_temp.remembered('eu');
select amount, available from credit_consume('acme', 'chat', 10);
call pg_temp.available();
-- Who spends first has measured before it writes.
select subject from credit_create_ledger('fresh');
select available from credit_consume('fresh', 'chat', 1, overdraft => 9);
select available from credit_consume('fresh', 'chat', 2, overdraft => 9);
select credit_available('fresh', 'chat');
-- The usage of this transaction is not among it: it can be taken back.
begin;
select count(credit_ingest('acme', 'tokens', 1)) from generate_series(1, 10);
call pg_temp.available();
call pg_temp.available();
rollback;
call pg_temp.available();
begin;
savepoint s;
select sum(amount) from generate_series(1, 6), credit_consume('acme', 'chat', 10);
rollback to s;
select amount, available from credit_consume('acme', 'chat', 5);
commit;
call pg_temp.available();
-- Nor are its grants, voids and resets: what is known of old times hangs on them, where these are many.
do $$
begin
    for day in 1..200 loop
        perform credit_ingest('acme', 'tokens', 0.5, timestamptz '2024-03-01' + day * interval '1 day');
        perform credit_create_grant('acme', 'chat', 0.25, effective_at => timestamptz '2024-03-01' + day * interval '1 day', expires_at => timestamptz '2024-03-01 12:00' + day * interval '1 day');
    end loop;
end $$;
call pg_temp.available();
begin;
select amount from credit_create_grant('acme', 'chat', 100, priority => 0, effective_at => '2024-03-01', expires_at => '2024-03-20');
select count(credit_ingest('acme', 'tokens', 0.5, '2024-10-01')) from generate_series(1, 10);
call pg_temp.available();
call pg_temp.available();
rollback;
call pg_temp.available();
begin;
select amount from credit_create_grant('acme', 'chat', 100, priority => 0, effective_at => '2024-03-01', expires_at => '2024-03-20');
call pg_temp.available();
rollback;
call pg_temp.available();
delete from credit.snapshots;
call pg_temp.available();
-- Usage that comes late, before all that is told apart.
select credit_ingest('acme', 'tokens', 7, '2024-03-02');
call pg_temp.available();
call pg_temp.available();
-- Usage that lies ahead counts when it is time, be it known by then.
select credit_ingest('acme', 'tokens', 50, now() + interval '3 seconds');
select count(credit_ingest('acme', 'tokens', 1)) from generate_series(1, 5);
call pg_temp.available();
call pg_temp.available();
-- The same where an older snapshot must be gone on from, and a newer one counted nothing else.
select subject from credit_create_ledger('ahead', measure_from => '2024-01-01');
set credit.snapshot_interval = 1;
select credit_ingest('ahead', 'tokens', 1, '2024-02-01');
set credit.snapshot_interval = 0;
do $$
begin
    for day in 1..140 loop
        perform credit_ingest('ahead', 'tokens', 0.5, timestamptz '2024-03-01' + day * interval '1 day');
        perform credit_create_grant('ahead', 'chat', 0.25, effective_at => timestamptz '2024-03-01' + day * interval '1 day', expires_at => timestamptz '2024-03-01 12:00' + day * interval '1 day');
    end loop;
end $$;
set credit.snapshot_interval = 1;
select credit_ingest('ahead', 'tokens', 1, '2024-10-01');
select credit_ingest('ahead', 'tokens', 50, now() + interval '3 seconds');
set credit.snapshot_interval = 0;
select amount from credit_create_grant('ahead', 'chat', 100, effective_at => '2024-02-15');
select begins_at < '2024-02-01' as begins_early, count(*) from credit.snapshots where feature_id = (select id from credit.features where name = 'chat') group by 1 order by 1;
select credit_available('ahead', 'chat');
select pg_sleep(3.1);
call pg_temp.available();
select credit_available('ahead', 'chat');
-- Much that came meanwhile is not read, where there are newer snapshots.
select count(credit_ingest('acme', 'tokens', 0.01)) from generate_series(1, 300);
set credit.snapshot_interval = 1;
select credit_ingest('acme', 'tokens', 0.01);
set credit.snapshot_interval = 0;
call pg_temp.available();
call pg_temp.available();
-- Somebody's hand in the facts is told of in all sessions, in this one even when it is taken back.
delete from credit.snapshots;
select available as before from credit_feature_balances('acme') where name = 'chat' \gset
call pg_temp.available();
begin;
set local session_replication_role = replica;
update credit.usage_events set value = value + 100 where value = 7;
commit;
call pg_temp.available();
select available - :before as by from credit_feature_balances('acme') where name = 'chat';
begin;
set local session_replication_role = replica;
delete from credit.usage_events where value = 107;
reset session_replication_role;
call pg_temp.available();
call pg_temp.available();
rollback;
call pg_temp.available();
begin;
set local session_replication_role = replica;
update credit.grants set amount = amount + 100 where amount = 1000;
call pg_temp.available();
rollback;
call pg_temp.available();
begin;
alter table credit.usage_events disable trigger all;
update credit.usage_events set value = 7 where value = 107;
alter table credit.usage_events enable trigger all;
alter table credit.usage_events enable always trigger forget_snapshots;
commit;
call pg_temp.available();
call pg_temp.available();
truncate credit.snapshots;
call pg_temp.available();
delete from credit.snapshots where false;
call pg_temp.available();
-- Nothing is remembered where that would not be told.
alter table credit.snapshots disable trigger forget_snapshots;
call pg_temp.remembered();
call pg_temp.remembered();
alter table credit.snapshots enable trigger forget_snapshots;
call pg_temp.remembered();
call pg_temp.remembered();
alter table credit.snapshots enable always trigger forget_snapshots;
call pg_temp.remembered();
call pg_temp.remembered();
-- A seal is gone on from.
call credit_retire('2024-06-01', delete_events => false);
call pg_temp.available();
call pg_temp.available();
select name from credit_create_feature('new', 'tokens');
call pg_temp.available('new');
call pg_temp.available('new');
-- What was measured while dimensions of events were missing, as in a restore, is not remembered.
select subject from credit_create_ledger('emca');
select count(credit_ingest('emca', 'tokens', 1, dimensions => '{"region": "eu"}')) from generate_series(1, 10);
begin;
set local session_replication_role = replica;
create table kept as select id, meter_id, dimensions from credit.dimension_sets;
delete from credit.dimension_sets;
commit;
\connect -
select credit_available('emca', 'eu');
select credit_available('emca', 'eu');
insert into credit.dimension_sets (id, meter_id, dimensions) table kept;
select credit_available('emca', 'eu');
drop table kept;
select * from credit_check('emca');
-- Nor what hangs on a stream, or on dimensions, that this transaction wrote.
begin;
set local session_replication_role = replica;
create table kept as select s.id, s.meter_id, s.subject from credit.streams as s where s.subject = 'emca';
create table kept_too as select id, meter_id, dimensions from credit.dimension_sets;
delete from credit.streams where subject = 'emca';
commit;
\connect -
begin;
insert into credit.streams (id, meter_id, subject) table kept;
select credit_available('emca', 'chat'), credit_available('emca', 'eu');
rollback;
select credit_available('emca', 'chat'), credit_available('emca', 'eu');
begin;
insert into credit.streams (id, meter_id, subject) table kept;
select credit_available('emca', 'chat'), credit_available('emca', 'eu');
commit;
select credit_available('emca', 'chat'), credit_available('emca', 'eu');
begin;
set local session_replication_role = replica;
delete from credit.dimension_sets;
delete from credit.snapshots;
commit;
\connect -
begin;
insert into credit.dimension_sets (id, meter_id, dimensions) table kept_too;
select credit_available('emca', 'eu');
rollback;
select credit_available('emca', 'eu');
insert into credit.dimension_sets (id, meter_id, dimensions) table kept_too;
select credit_available('emca', 'eu');
drop table kept, kept_too;
select * from credit_check('emca');
