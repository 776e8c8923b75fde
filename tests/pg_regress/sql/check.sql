-- credit_check: what is cached, against what the facts say.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
select amount from credit_create_grant('acme', 'chat', 50, effective_at => '2024-01-01', priority => 2, metadata => '{"name": "B"}');
commit;
set credit.snapshot_interval = 1;
select credit_ingest('acme', 'tokens', 10, '2024-01-10');
select credit_ingest('acme', 'tokens', 20, '2024-01-20');
select credit_reset('acme', '2024-02-01') is not null as reset;
select credit_ingest('acme', 'tokens', 5, '2024-02-10');
select credit_ingest('acme', 'tokens', 3, '2024-01-15');
select count(*) > 0 as snapshots from credit.snapshots;
select * from credit_check('acme');
-- An event vanishes behind everybody's back: the snapshots that counted it say so, until they are gone.
begin;
set local session_replication_role = replica;
delete from credit.usage_events where value = 20;
commit;
select feature, snapshot is not null as of_snapshot, at = '2024-02-01' as at_reset, what, (select metadata ->> 'name' from credit.grants as g where g.id = grant_id) as name, cached, computed
from credit_check('acme') order by snapshot, at, what, name;
select credit_available('acme', 'chat');
delete from credit.snapshots;
select * from credit_check('acme');
select credit_available('acme', 'chat');
-- A list of open holds that forgets one.
select credit_reserve('acme', 'chat', 6) as hold \gset
begin;
set local session_replication_role = replica;
insert into credit.hold_lists (ledger_id, created_at, up_to, open_ones)
select ledger_id, now(), held_at, '{}' from credit.holds;
commit;
select feature, snapshot, what, cached, computed from credit_check('acme');
select * from credit_check('nobody');
\echo :LAST_ERROR_SQLSTATE
select * from credit_check(null);
\echo :LAST_ERROR_SQLSTATE
