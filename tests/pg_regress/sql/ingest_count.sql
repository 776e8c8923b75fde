-- On a COUNT meter an event counts 1, or takes one back.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select slug from credit_create_meter('calls', 'COUNT', '{region}');
select name from credit_create_feature('calls', 'calls');
select credit_ingest('acme', 'calls', occurred_at => '2024-01-02');
select credit_ingest('acme', 'calls', 1.000, '2024-01-02');
select credit_ingest_batch('[{"subject": "acme", "meter": "calls", "occurred_at": "2024-01-02T00:00:00Z"},
    {"subject": "acme", "meter": "calls", "value": 1, "occurred_at": "2024-01-03T00:00:00Z"}]');
select credit_ingest('acme', 'calls', -1, '2024-01-04');
select * from pg_temp.totals('acme', '2024-01-05');
select pg_temp.facts() as facts \gset
select credit_ingest('acme', 'calls', 2, '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'calls', 0, '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'calls', 0.5, '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{calls,calls}', '{1,-2}');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
rollback;
