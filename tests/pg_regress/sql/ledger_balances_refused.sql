-- Reports that are refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select * from credit_ledger_balances('nothing');
\echo :LAST_ERROR_SQLSTATE
select * from credit_ledger_balances('00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select * from credit_ledger_balances('');
\echo :LAST_ERROR_SQLSTATE
select * from credit_ledger_balances(at => 'infinity');
\echo :LAST_ERROR_SQLSTATE
select * from credit_ledger_balances(at => '0044-03-15 BC');
\echo :LAST_ERROR_SQLSTATE
select * from credit_ledger_balances(namespace => '');
\echo :LAST_ERROR_SQLSTATE
-- Who sees no ledger does not learn which features there are.
select * from credit_ledger_balances('nothing', namespace => 'other');

-- One ledger of which no balance can be computed fails the report, and says so.
select subject from credit_create_ledger('broken', measure_from => '2024-01-01');
select amount from credit_create_grant('broken', 'chat', 1, effective_at => '2024-01-01', recurs_every => '1 hour');
select count(*) from credit_ledger_balances(at => '2024-02-01');
select count(*) from credit_ledger_balances(at => '9999-12-31');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens', 1, '2024-01-05');
insert into credit.usage_events (stream_id, occurred_at, value)
select s.id, '2024-01-05', 'NaN' from credit.streams s;
select * from credit_ledger_balances(at => '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
rollback;
