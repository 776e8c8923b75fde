-- Which grants paid how much: those of the time of the spend, in burn order.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create function pg_temp.paid(burned jsonb) returns text language sql stable as $$
select string_agg(pg_temp.name_of((b ->> 'grantID')::uuid) || ' ' || (b ->> 'amount'), ', ' order by o)
from jsonb_array_elements(burned) with ordinality as b (b, o)
$$;
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, 2, '2024-01-01', metadata => '{"name": "second"}');
    perform credit_create_grant('acme', 'chat', 5, 1, '2024-01-01', metadata => '{"name": "first"}');
    perform credit_create_grant('acme', 'chat', 100, 0, '2024-01-01', expires_at => '2024-02-01', metadata => '{"name": "expired"}');
    perform credit_create_grant('acme', 'chat', 100, 0, '9000-01-01', metadata => '{"name": "later"}');
    perform credit_create_grant('acme', 'chat', 20, 3, '2024-01-01', recurs_every => '1 year', metadata => '{"name": "refilled"}');
end;
$$;
-- Usage to come has burned nothing yet.
select credit_ingest('acme', 'tokens', 1000, '9001-01-01');
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', 3);
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', 8.5);
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', 10);
-- A refund gives back to the most recently burned first.
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', -7);
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', -20);
select available, pg_temp.paid(burned) from credit_consume('acme', 'chat', 1);
select name, balance from pg_temp.balances('acme') order by 1;
-- What is stored is what was answered.
select amount, pg_temp.paid(burned), available from credit.spends order by created_at;
-- More than was ever burned is credit for usage to come, which pays without a grant.
select balance, available, pg_temp.paid(burned) from credit_consume('acme', 'chat', -50);
select * from pg_temp.totals('acme');
select balance, available, burned from credit_consume('acme', 'chat', 4);
-- Late usage before it burns as if it had come in time, and does not change what was answered.
select credit_ingest('acme', 'tokens', 2, '2024-03-01');
select * from pg_temp.totals('acme');
select available from credit.spends order by created_at desc limit 1;
rollback;
