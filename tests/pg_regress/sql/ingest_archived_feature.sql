-- An archived feature goes on in the balances that had it; a new one of its name starts afresh.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-02');
end;
$$;
select id as old, name from credit_delete_feature('chat') \gset
select feature, balance, usage from pg_temp.totals('acme', '2024-02-01');
select credit_balance('acme', '2024-02-01') #> '{featureBalances,0,archived}' as archived;
select credit_ingest('acme', 'tokens', 1, '2024-01-03');
select feature, balance, usage from pg_temp.totals('acme', '2024-02-01');
select credit_available('acme', :'old', '2024-02-01');
\set VERBOSITY terse
select credit_available('acme', 'chat', '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-05');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- By its id it is found, but takes no grant.
\set VERBOSITY terse
select pg_temp.facts() as facts \gset
\set VERBOSITY sqlstate
select credit_create_grant('acme', :'old', 1, effective_at => '2024-01-05');
select pg_temp.facts() = :'facts' as unchanged;
\set VERBOSITY default
select name from credit_create_feature('chat', 'tokens');
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', metadata => '{"name": "B"}');
select feature, balance, usage from pg_temp.totals('acme', '2024-02-01');
select name, balance from pg_temp.balances('acme', '2024-02-01');
select credit_available('acme', 'chat', '2024-02-01');
rollback;
