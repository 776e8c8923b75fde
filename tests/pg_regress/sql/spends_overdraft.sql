-- An overdraft is how far below zero what is available may fall; what no grant paid is overage.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01') is null as failed;
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid from credit_consume('acme', 'chat', 12, overdraft => 5);
select * from pg_temp.totals('acme');
select amount, balance, available, burned from credit_consume('acme', 'chat', 3, overdraft => 5);
select credit_consume('acme', 'chat', 0.1, overdraft => 5);
select credit_consume('acme', 'chat', 0.1);
-- The next credit pays it first.
select amount from credit_create_grant('acme', 'chat', 100);
select * from pg_temp.totals('acme');
select amount, balance, available from credit_consume('acme', 'chat', 95);
-- A ledger without any grant can be overdrawn too.
select subject from credit_create_ledger('initech');
select amount, balance, available, burned from credit_consume('initech', 'chat', 1, overdraft => 1);
rollback;
