-- Who may read ledgers may read balances; what writes needs a grant of its own.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_ledger('globex', measure_from => '2024-01-01');
end;
$$;
select pg_temp.id_of('A') as a \gset
create role regress_credit_nobody;
create role regress_credit_reader;
set local role regress_credit_nobody;
select credit_available('acme', 'chat', '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
reset role;
grant usage on schema credit to regress_credit_reader;
grant select on credit.ledgers to regress_credit_reader;
set local role regress_credit_reader;
select credit_available('acme', 'chat', '2024-01-02');
select usage from credit_usage('acme', 'chat', to_time => '2024-01-02');
select type, amount from credit_history('acme', to_time => '2024-01-02');
select amount from credit_get_grant(:'a');
select amount from credit_list_grants();
select jsonb_array_length(credit_balance('acme', '2024-01-02') -> 'grantBalances') as grants;
select credit_high_watermark('acme');
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_batch('[]');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{}', '{}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_grant('acme', 'chat', 1);
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a');
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme');
\echo :LAST_ERROR_SQLSTATE
-- Row-level policies of the operator bind: what one cannot see is not there.
reset role;
alter table credit.ledgers enable row level security;
create policy own on credit.ledgers for select to regress_credit_reader using (subject = 'globex');
grant execute on function credit_create_grant, credit_void_grant, credit_reset to regress_credit_reader;
set local role regress_credit_reader;
select subject from credit_list_ledgers();
select credit_available('globex', 'chat', '2024-01-02');
select amount from credit_list_grants();
\set VERBOSITY terse
select credit_available('acme', 'chat', '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
select credit_create_grant('acme', 'chat', 1);
\echo :LAST_ERROR_SQLSTATE
select credit_reset('acme');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
select credit_get_grant(:'a');
select credit_void_grant(:'a');
reset role;
rollback;
