-- A transaction that wrote usage commits, whatever became of it since: it takes no snapshot where it cannot.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
commit;
\set ON_ERROR_ROLLBACK off
set credit.snapshot_interval = 1;
select credit_ingest('acme', 'tokens', 1);
select count(*) > 0 as "one was taken" from credit.snapshots;
-- It has become read-only.
begin;
select credit_ingest('acme', 'tokens', 2);
set transaction read only;
commit;
select usage from credit_feature_balances('acme');
-- It has dropped the extension.
begin;
select credit_ingest('acme', 'tokens', 4);
set local client_min_messages = warning;
drop extension credit;
commit;
select count(*) from pg_extension where extname = 'credit';
-- The extension was made in a subtransaction that is rolled back. A schema of the same name is somebody else's.
begin;
savepoint before;
create extension credit;
set local credit.snapshot_interval = 1;
select slug from credit_create_meter('tokens');
select credit_ingest('acme', 'tokens', 8);
rollback to before;
create schema credit;
commit;
select count(*) from pg_namespace where nspname = 'credit';
drop schema credit;
create extension credit;
select count(*) from credit.usage_events;
