-- Balances of any time from the start of measurement on, past and future.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-02', expires_at => '9000-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '8000-01-01', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-03');
    perform credit_ingest('acme', 'tokens', 2, '2024-01-03');
    perform credit_reset('acme', '2024-02-01', preserve_overage => true);
    perform credit_ingest('acme', 'tokens', 4, '2024-02-02');
end;
$$;
select t as at, balance, usage, overage, available, credit_available('acme', 'chat', t) = available as same
from unnest('{2024-01-01,2024-01-02,2024-01-03,2024-01-03 00:00:00.000001,2024-01-31,2024-02-01,2024-02-02,2024-02-03,
    7999-12-31,8000-01-01,9000-01-01,9999-12-31 23:59:59.999999}'::timestamptz[]) as t left join pg_temp.totals('acme', t) on true;
-- Now, by default.
select credit_available('acme', 'chat'), credit_available('acme', 'chat', null), balance, overage from pg_temp.totals('acme');
select credit_balance('acme', '2023-12-31 23:59:59.999999');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
select credit_feature_balances('acme', '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
select credit_grant_balances('acme', '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', 'chat', '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
select credit_history('acme', '2023-12-31', '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
select credit_usage('acme', 'chat', '2023-12-31', '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
-- A ledger that is measured from the future on cannot be looked at now.
select subject from credit_create_ledger('later', measure_from => '9000-01-01');
select credit_balance('later');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('later', '9000-01-01') -> 'featureBalances' as features;
rollback;
