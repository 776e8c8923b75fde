-- What a savepoint takes back, a hold or the end of one, never was.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select credit_reserve('acme', 'chat', 10) as hold \gset
savepoint one;
select amount, available from credit_settle(:'hold', 4);
select credit_reserve('acme', 'chat', 50) is null as failed;
select held, available from credit_feature_balances('acme');
rollback to one;
select held, available from credit_feature_balances('acme');
select amount from credit_release(:'hold');
rollback to one;
select state from credit_list_holds('acme');
select amount, available from credit_settle(:'hold', 5);
-- Lists of what is open are taken back too.
savepoint two;
do $$ begin for n in 1..30 loop perform credit_settle(credit_reserve('acme', 'chat', 1), 0); end loop; end $$;
select credit_reserve('acme', 'chat', 7) is null as failed;
select count(*) > 0 as listed from credit.hold_lists;
rollback to two;
select count(*) > 0 as listed from credit.hold_lists;
select held, available from credit_feature_balances('acme');
rollback;
