-- A backend remembers the meters, streams and dimension sets of others' transactions, never what
-- its own may take back.
set timezone = 'UTC';
\set SHOW_CONTEXT never
begin;
select (credit_create_meter('m', group_by => '{model}')).slug;
select credit_ingest('s', 'm', 1, '2024-01-02', '{"model": "a"}');
select credit_ingest('s', 'm', 1, '2024-01-02', '{"model": "a"}');
rollback;
select credit_ingest('s', 'm', 1, '2024-01-02');
-- Committed now, but by a meter of another id.
select (credit_create_meter('m', 'COUNT', group_by => '{model}')).slug;
select (credit_create_feature('f', 'm', '{"model": "a"}')).name;
select (credit_create_ledger('s', measure_from => '2024-01-01')).subject;
begin;
savepoint first;
select credit_ingest('s', 'm', 1, '2024-01-02', '{"model": "a"}');
rollback to first;
select credit_ingest('s', 'm', 1, '2024-01-03', '{"model": "a"}');
rollback;
select count(*) from credit.streams;
select credit_ingest('s', 'm', 1, '2024-01-04', '{"model": "a"}');
select credit_ingest('s', 'm', 1, '2024-01-05', '{"model": "a"}');
select credit_ingest('s', 'm', -1, '2024-01-06', '{"model": "b"}');
select usage from credit_feature_balances('s', '2024-02-01');
select count(*) from credit.streams;
select count(*) from credit.dimension_sets;
-- Dropped and created again in the same session, nothing of it is known any more.
drop extension credit;
create extension credit;
select credit_ingest('s', 'm', 1, '2024-01-04');
select (credit_create_meter('m')).slug;
select (credit_create_feature('f', 'm')).name;
select (credit_create_ledger('s', measure_from => '2024-01-01')).subject;
select credit_ingest('s', 'm', 5, '2024-01-04');
select usage from credit_feature_balances('s', '2024-02-01');
