-- Runs that are refused, and that reset nothing then.
\set SHOW_CONTEXT never
set timezone = 'UTC';
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01');
select subject from credit_create_ledger('initech', measure_from => '2024-01-01');

call credit_reset_all();
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all(null);
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all('infinity');
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all('2024-02-01', null);
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all('2024-02-01', batch_size => 0);
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all('2024-02-01', batch_size => null);
\echo :LAST_ERROR_SQLSTATE
call credit_reset_all('2024-02-01', namespace => '');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
call credit_reset_all(clock_timestamp() + '1 minute');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- It commits, so it cannot be part of a transaction.
begin;
call credit_reset_all('2024-02-01');
\echo :LAST_ERROR_SQLSTATE
rollback;
create function at_once() returns void language plpgsql as $$
declare
    summary jsonb;
begin
    call credit_reset_all('2024-02-01', summary => summary);
end;
$$;
select at_once();
\echo :LAST_ERROR_SQLSTATE
select count(*) from credit.resets;

-- Who may.
create role regress_credit_operator;
grant usage on schema credit to regress_credit_operator;
set role regress_credit_operator;
call credit_reset_all('2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select * from credit.reset_ledgers('{acme}', '2024-02-01', false, null);
\echo :LAST_ERROR_SQLSTATE
reset role;
grant execute on procedure credit_reset_all to regress_credit_operator;
set role regress_credit_operator;
call credit_reset_all('2024-02-01');
\echo :LAST_ERROR_SQLSTATE
reset role;
grant select on credit.ledgers to regress_credit_operator;
set role regress_credit_operator;
\set VERBOSITY terse
call credit_reset_all('2024-02-01');
\echo :LAST_ERROR_SQLSTATE
reset role;
select count(*) from credit.resets;
grant execute on function credit.reset_ledgers to regress_credit_operator;
alter table credit.ledgers enable row level security;
create policy one on credit.ledgers to regress_credit_operator using (subject = 'initech');
set role regress_credit_operator;
call credit_reset_all('2024-02-01');
select * from credit.reset_ledgers('{acme}', '2024-02-01', false, null);
select * from credit.reset_ledgers('{initech,initech}', '2024-02-02', false, null);
select * from credit.reset_ledgers(null, '2024-02-01', false, null);
select * from credit.reset_ledgers('{initech}', null, false, null);
select * from credit.reset_ledgers('{initech}', '2024-02-01', null, null);
select * from credit.reset_ledgers('{initech}', clock_timestamp() + '1 minute', false, null);
reset role;
select l.subject, r.effective_at from credit.resets r join credit.ledgers l on l.id = r.ledger_id;
drop policy one on credit.ledgers;
drop owned by regress_credit_operator;
drop role regress_credit_operator;
-- A session that may not write, as on a standby: the run ends, and is not told ledger by ledger.
\set VERBOSITY default
set default_transaction_read_only = on;
call credit_reset_all('2024-03-01');
\echo :LAST_ERROR_SQLSTATE
reset default_transaction_read_only;
