-- An attempt says no instead of raising, or takes what there is.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01') is null as failed;
select allowed, amount, balance, available, jsonb_array_length(burned) as payers, occurred_at is null as never, spend_id is null as nothing, replayed
from credit_try_consume('acme', 'chat', 7);
select allowed, amount, balance, available, burned, occurred_at, spend_id, replayed from credit_try_consume('acme', 'chat', 4);
select allowed, amount, balance, available from credit_try_consume('acme', 'chat', 4, overdraft => 1);
select allowed, amount, balance, available, burned from credit_try_consume('acme', 'chat', 1);
-- In part.
select credit_ingest('acme', 'tokens', -6, '2024-01-01');
select allowed, amount, available, jsonb_array_length(burned) as payers from credit_try_consume('acme', 'chat', 4, partial => true);
select allowed, amount, available from credit_try_consume('acme', 'chat', 4, partial => true);
select allowed, amount, available, burned from credit_try_consume('acme', 'chat', 4, partial => true);
select allowed, amount, available from credit_try_consume('acme', 'chat', 4, partial => true, overdraft => 1.5);
select allowed, amount, available from credit_try_consume('acme', 'chat', 4, partial => true, overdraft => 1.5);
select requested, amount, available from credit.spends order by created_at;
-- What is wrong is still an error.
select credit_try_consume('acme', 'nothing', 1);
\echo :LAST_ERROR_SQLSTATE
rollback;
