-- The ways in which SQL calls a function.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
select credit_ingest('acme', 'tokens', 1, '2024-01-02');
-- A prepared statement, beyond the switch to a generic plan.
prepare available(timestamptz) as select credit_available('acme', 'chat', $1);
execute available('2024-01-03');
do $$ begin for i in 1..10 loop execute 'execute available(''2024-01-03'')'; end loop; end $$;
select credit_ingest('acme', 'tokens', 1, '2024-01-02');
execute available('2024-01-03');
-- A cursor sees what was there when it was opened, however late it is fetched.
declare opened scroll cursor for select credit_available('acme', 'chat', '2024-01-03') from generate_series(1, 3);
select credit_ingest('acme', 'tokens', 10, '2024-01-02');
fetch all from opened;
fetch backward 1 from opened;
close opened;
execute available('2024-01-03');
-- Views.
create view balances as
select l.subject, b.* from credit_list_ledgers() as l, lateral credit_feature_balances(l.id::text, '2024-01-03') as b;
select subject, name, available from balances;
create materialized view kept as select subject, name, available from balances;
create unique index on kept (subject, name);
select credit_ingest('acme', 'tokens', 8, '2024-01-02');
refresh materialized view kept;
table kept;
copy (select type, amount from credit_history('acme', '2024-01-01', '2024-01-03')) to stdout;
-- A part of a set.
select type, amount from credit_history('acme', '2024-01-01', '2024-01-03') limit 1;
rollback;
-- A transaction that must not write reads all the same, and says what it was asked to write.
select slug from credit_create_meter('m');
select name from credit_create_feature('f', 'm');
select subject from credit_create_ledger('s', measure_from => '2024-01-01Z');
begin read only;
select credit_available('s', 'f');
select count(*) from credit_history('s');
savepoint reads;
select credit_ingest('s', 'm');
\echo :LAST_ERROR_SQLSTATE
rollback to reads;
select credit_create_grant('s', 'f', 1);
\echo :LAST_ERROR_SQLSTATE
rollback;
-- In another schema.
drop extension credit;
create schema billing;
create extension credit schema billing;
select slug from billing.credit_create_meter('m');
select billing.credit_ingest('s', 'm');
select oid::regprocedure from pg_proc where proname = 'credit_available';
