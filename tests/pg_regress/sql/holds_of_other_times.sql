-- A hold is usage of its own time: what happens to grants later cannot make its settlement fail, nor
-- does it take of credit that came later.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select id is null as failed from credit_create_ledger('initech', measure_from => '2024-01-01');
-- The credit that covered it expires.
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', expires_at => clock_timestamp() + '300 milliseconds') is null as failed;
select credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-01', priority => 9) is null as failed;
select credit_reserve('acme', 'chat', 70) as hold \gset
select balance, held, available from credit_feature_balances('acme');
select pg_sleep(0.31);
select balance, held, available from credit_feature_balances('acme');
select available from credit_consume('acme', 'chat', 20);
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid from credit_settle(:'hold', 70);
select balance, usage, overage, held, available from credit_feature_balances('acme');
-- A reset in between: the usage belongs to the period before it.
select credit_create_grant('initech', 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT') is null as failed;
select credit_reserve('initech', 'chat', 80) as hold \gset
select jsonb_path_query_array(credit_reset('initech'), '$.grants[*].amount') as rolled_over;
select balance, usage, held, available from credit_feature_balances('initech');
select credit_consume('initech', 'chat', 21);
select available from credit_consume('initech', 'chat', 20);
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid from credit_settle(:'hold', 80);
select balance, usage, held, available from credit_feature_balances('initech');
-- A void in between, and late usage: it is settled all the same, and owed.
select credit_reset('initech') is null as failed;
select id as voided from credit_create_grant('initech', 'chat', 50) \gset
select credit_reserve('initech', 'chat', 50) as hold \gset
select voided_at is not null as void from credit_void_grant(:'voided');
select balance, overage, held, available from credit_feature_balances('initech');
select amount, available from credit_settle(:'hold', 50);
select credit_reserve('initech', 'chat', 5, overdraft => 5) as hold \gset
select credit_ingest('initech', 'tokens', 1000);
select amount, available from credit_settle(:'hold', 5);
rollback;
