-- A reset again at the same time, or under the same key, is a replay; with other content it is not.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40, '2024-01-10');
    perform credit_create_ledger('other', measure_from => '2024-01-01');
end;
$$;
select credit_reset('acme', '2024-02-01', idempotency_key => 'feb') - 'replayed' as first \gset
select credit_reset('acme', '2024-03-01', preserve_overage => true, idempotency_key => 'mar') - 'replayed' as march \gset
select pg_temp.facts() as facts \gset
-- By key, also after a later reset, and with no time at all.
select r -> 'replayed' as replayed, r - 'replayed' = :'first' as same from credit_reset('acme', '2024-02-01', idempotency_key => 'feb') as r;
select r -> 'replayed' as replayed, r - 'replayed' = :'first' as same from credit_reset('acme', idempotency_key => 'feb') as r;
-- By time, with another key or none: only the last one.
select r -> 'replayed' as replayed, r - 'replayed' = :'march' as same from credit_reset('acme', '2024-03-01', true) as r;
select r -> 'replayed' as replayed, r - 'replayed' = :'march' as same from credit_reset('acme', '2024-03-01', true, 'mar') as r;
\set VERBOSITY terse
select credit_reset('acme', '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-03-01', preserve_overage => false);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
select credit_reset('acme', '2024-02-02', idempotency_key => 'feb');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme', '2024-02-01', true, idempotency_key => 'feb');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('other', '2024-02-01', idempotency_key => 'feb');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
-- Another key for the reset that is there already.
select r -> 'replayed' as replayed, r - 'replayed' = :'march' as same from credit_reset('acme', '2024-03-01', true, 'another') as r;
select pg_temp.facts() = :'facts' as unchanged;
rollback;
