-- A negative grant is burned at once, like usage, and owed where nothing covers it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', -4, effective_at => '2024-01-02', metadata => '{"name": "first"}');
    perform credit_create_grant('acme', 'chat', -9, effective_at => '2024-01-03', metadata => '{"name": "second"}');
    perform credit_create_grant('acme', 'chat', -1, effective_at => '2024-01-03', metadata => '{"name": "third"}');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-04', metadata => '{"name": "B"}');
end;
$$;
select t, balance, usage, overage, available
from unnest('{2024-01-01,2024-01-02,2024-01-03,2024-01-04}'::timestamptz[]) as t, pg_temp.totals('acme', t);
select * from pg_temp.balances('acme', '2024-01-05');
select * from pg_temp.history('acme', null, '2024-01-05');
-- Nothing of it rolls over.
select credit_reset('acme', '2024-01-10') -> 'grants' as children;
select * from pg_temp.balances('acme', '2024-01-10');
rollback;
