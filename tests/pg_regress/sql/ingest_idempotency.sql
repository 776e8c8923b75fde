-- A key of an event: false and nothing written for the same event, an error for another one.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_meter('plain');
end;
$$;
select credit_ingest('acme', 'tokens', 2.5, '2024-01-02', '{"model": "m"}', 'k');
select credit_ingest('acme', 'tokens', 3, idempotency_key => 'clock');
select pg_temp.facts() as facts \gset
select credit_ingest('acme', 'tokens', 2.50, '2024-01-02 01:00+01', '{"model": "m"}', 'k');
-- What is NULL is not compared, and neither is a time that was the clock's.
select credit_ingest('acme', 'tokens', 2.5, null, null, 'k');
select credit_ingest('acme', 'tokens', 3, '2024-01-02', null, 'clock');
select credit_ingest('acme', 'tokens', 3, idempotency_key => 'clock');
select credit_ingest('other', 'tokens', 2.5, '2024-01-02', '{"model": "m"}', 'k');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
select credit_ingest('acme', 'plain', 2.5, '2024-01-02', null, 'k');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 2, '2024-01-02', '{"model": "m"}', 'k');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 2.5, '2024-01-03', '{"model": "m"}', 'k');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 2.5, '2024-01-02', '{"model": "n"}', 'k');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 2.5, '2024-01-02', idempotency_key => 'k');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- One bad replay refuses the batch, and says where.
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens", "idempotency_key": "new"},
    {"subject": "acme", "meter": "tokens", "value": 99, "idempotency_key": "k"}]');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', idempotency_key => '');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-02', idempotency_key => repeat('k', 10000));
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
select credit_ingest('acme', 'tokens', 1, '2024-01-02', idempotency_key => 'K');
rollback;
