-- One event: by position, by name, with defaults; before its ledger exists, late, and in the future.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_ingest('acme', 'tokens', 2.5, '2024-01-02', '{"model": "m", "region": "eu"}', 'k1');
select credit_ingest(subject => 'acme', meter => 'tokens', occurred_at => '2024-01-03');
select credit_ingest('acme', 'tokens', value => -0.5, occurred_at => '2024-01-04');
select credit_ingest('acme', 'tokens', 0, '2024-01-04');
select credit_ingest('acme', 'tokens', 4, '2024-01-05', dimensions => null);
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
select e.value, e.occurred_at, d.dimensions
from credit.usage_events as e left join credit.dimension_sets as d on d.id = e.dims_id
order by e.occurred_at, e.value;
-- Now, by default.
select credit_ingest('acme', 'tokens', 8);
select usage from credit_usage('acme', 'chat', from_time => '2024-02-01');
-- In the future it counts when it is time.
select credit_ingest('acme', 'tokens', 100, '9000-01-01');
select usage from pg_temp.totals('acme');
select usage from pg_temp.totals('acme', '9000-01-01');
select usage from pg_temp.totals('acme', '9000-01-01 00:00:00.000001');
-- Before the start of measurement it is stored and never counted.
select credit_ingest('acme', 'tokens', 1000, '2023-12-31 23:59:59.999999');
select usage from pg_temp.totals('acme', '2024-02-01');
-- The first and the last possible time.
select credit_ingest('acme', 'tokens', 1, '0001-01-01 00:00'), credit_ingest('acme', 'tokens', 1, '9999-12-31 23:59:59.999999');
-- A subject that has no ledger yet; it is another one than the same in capitals.
select credit_ingest('later "one"', 'tokens', 5, '2024-01-05'), credit_ingest('Later "one"', 'tokens', 7, '2024-01-05');
select subject from credit_create_ledger('later "one"', measure_from => '2024-01-01');
select * from pg_temp.totals('later "one"', '2024-02-01');
select credit_ingest('Zürich 東京 ''🎉''', 'tokens', 3, '2024-01-05');
select subject from credit_create_ledger('Zürich 東京 ''🎉''', measure_from => '2024-01-01');
select credit_available('Zürich 東京 ''🎉''', 'chat', '2024-02-01');
rollback;
