-- What a savepoint takes back is given back.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01') is null as failed;
savepoint one;
select available from credit_consume('acme', 'chat', 6, 'k');
savepoint two;
select available from credit_consume('acme', 'chat', 3);
select credit_available('acme', 'chat');
rollback to two;
select credit_available('acme', 'chat');
select available from credit_consume('acme', 'chat', 4);
rollback to one;
select credit_available('acme', 'chat');
select available, replayed from credit_consume('acme', 'chat', 10, 'k');
release one;
select credit_available('acme', 'chat');
select count(*), sum(amount) from credit.spends;
rollback;
