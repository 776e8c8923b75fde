-- A reset is after the watermark and not in the future.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select pg_temp.facts() as facts \gset
select credit_reset('acme', '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
select credit_reset('acme', '9000-01-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
select credit_reset('acme', 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '-infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '0044-03-15 BC');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-02-01', null);
\echo :LAST_ERROR_SQLSTATE
select credit_reset(null, '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('nobody', '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-02-01', idempotency_key => '');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-02-01', idempotency_key => repeat('k', 256));
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-02-01', namespace => 'other');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
-- After the watermark means a microsecond at the least.
select credit_reset('acme', '2024-01-01 00:00:00.000001') -> 'replayed' as replayed;
select credit_reset('acme', '2024-01-01 00:00:00.000001', true);
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-01-01 00:00:00.000002', true) -> 'replayed' as replayed;
rollback;
