-- A sequence that stands behind the ids that are there (logical replication copies none) is
-- stepped on until an id is free.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select setval('credit.intern_ids', 1);
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": "a"}');
select setval('credit.intern_ids', 1);
select (credit_create_meter('calls')).slug, (credit_create_feature('calls', 'calls')).name;
select credit_ingest('acme', 'calls', 10, '2024-01-02');
select setval('credit.intern_ids', 1);
select credit_ingest('acme', 'tokens', 100, '2024-01-02', '{"model": "b"}');
select feature, usage from pg_temp.totals('acme', '2024-01-03');
rollback;
