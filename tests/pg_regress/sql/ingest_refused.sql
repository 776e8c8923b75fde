-- Events that are refused, and nothing of them stays.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select pg_temp.facts() as facts \gset
select credit_ingest(null, 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', null);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', null);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('', 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest(repeat('x', 10000), 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'nothing');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', '');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 'NaN');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 'Infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', '-Infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1e15);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', -1e15);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1e100);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 0.0000000000001);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '-infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '0001-12-31 BC');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '10000-01-01');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '[]');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', 'null');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": 5}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": null}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', namespace => '');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', namespace => 'other');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
-- The largest that there is, and trailing zeros, which say nothing.
select credit_ingest('acme', 'tokens', 999999999999999.999999999999, '2024-01-02'), credit_ingest('acme', 'tokens', 1.00000000000000000000, '2024-01-02');
rollback;
