-- The views of an operator.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_meter('calls', 'COUNT') is not null as made, credit_create_feature('phone', 'calls') is not null as made;
select credit_create_ledger('quiet', measure_from => '2024-01-01') is not null as made;
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT');
select amount from credit_create_grant('acme', 'chat', 7, effective_at => '2024-01-01');
select credit_void_grant(id, '2024-01-01') is not null as void from credit_list_grants('{acme}') where amount = 7;
select credit_ingest('acme', 'tokens', 10, '2024-01-10'), credit_ingest('acme', 'tokens', -1, '2024-01-11');
select credit_ingest('acme', 'calls', 1, '2024-01-12'), credit_ingest('acmee', 'tokens', 5, '2024-01-12');
select credit_reset('acme', '2024-02-01') is not null as reset;
select amount from credit_consume('acme', 'chat', 2);
select credit_reserve('acme', 'chat', 3) as open, credit_reserve('acme', 'chat', 4) as settled, credit_reserve('acme', 'chat', 5) as released \gset
select amount from credit_settle(:'settled', 1);
select amount from credit_release(:'released');
select subject, grants, children, voids, resets, last_reset_at, spends, last_spend_at is not null as spent, events
from credit.stat_ledgers order by subject;
select subject, meter, ledger_id is not null as has_ledger, events, corrections, value, first_at
from credit.stat_usage order by subject, meter;
select subject, meter, events, value from credit.stat_usage_without_ledger;
select subject, feature, open, held, oldest_open_at is not null as oldest, expired, settled, released from credit.stat_holds;
select subject, feature, snapshots, bytes, newest_taken_at, tail_events from credit.stat_snapshots order by subject, feature;
-- What no reader can use, because another cluster took it, hides no tail.
savepoint own;
insert into credit.snapshots (ledger_id, feature_id, horizon, system_identifier, format, begins_at, ends_at, taken_at, data)
select ledger_id, feature_id, '9000000000000000000', 0, 1, now(), now(), now(), '' from credit.stat_snapshots;
select subject, feature, snapshots, bytes, newest_taken_at, tail_events from credit.stat_snapshots order by subject, feature;
rollback to own;
-- Late: dated before the last reset, written after it.
select * from credit.stat_late_events;
commit;
begin;
set local timezone = 'UTC';
set local datestyle = 'ISO, YMD';
select credit_ingest('acme', 'tokens', 4, '2024-01-20');
select subject, reset_at, events, value, first_at from credit.stat_late_events;
-- A condition on the subject reads that ledger's rows through indexes.
set local enable_seqscan = off;
create function pg_temp.reads_all(query text) returns boolean language plpgsql as $$
declare
    plan text;
begin
    execute 'explain (format json) ' || query into plan;
    return plan like '%Seq Scan%';
end;
$$;
select name, pg_temp.reads_all(format('select * from credit.%I where namespace = %L and subject = %L', name, 'default', 'acme'))
from unnest('{stat_ledgers,stat_snapshots,stat_holds,stat_late_events}'::text[]) as name;
select credit.first_stream_id('default', 'acme') <= id and id <= credit.first_stream_id('default', 'acme') + 4294967295 as lies_there
from credit.streams where subject = 'acme';
select credit.first_stream_id(null, 'acme');
-- Nobody sees through them what he may not see.
create role watcher;
grant usage on schema credit to watcher;
grant select on credit.stat_ledgers to watcher;
set local role watcher;
select * from credit.stat_ledgers;
reset role;
rollback;
