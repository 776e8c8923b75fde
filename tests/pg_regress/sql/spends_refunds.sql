-- A refund is always allowed, however deep the ledger is in debt.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_ingest('acme', 'tokens', 100, '2024-01-01');
select amount, balance, available from credit_consume('acme', 'chat', -30);
select amount, allowed, available from credit_try_consume('acme', 'chat', -30);
select amount, allowed, available from credit_try_consume('acme', 'chat', -50, partial => true);
select amount, available from credit_consume('acme', 'chat', 10);
rollback;
