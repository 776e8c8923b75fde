-- A child is voided like any grant; a void of its parent later than the reset is the child's.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "B"}');
    perform credit_void_grant(pg_temp.id_of('B'), '2024-02-10');
    perform credit_reset('acme', '2024-02-01');
end;
$$;
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.balances('acme', '2024-02-10');
select amount, voided_at from credit_get_grant(pg_temp.id_of('B'''));
select voided_at from credit_get_grant(pg_temp.id_of('B'));
\set VERBOSITY sqlstate
select credit_void_grant(pg_temp.id_of('B'''));
\set VERBOSITY default
select amount, voided_at, parent_id = pg_temp.id_of('A') as of_a from credit_void_grant(pg_temp.id_of('A'''), '2024-02-05');
select * from pg_temp.balances('acme', '2024-02-05');
select * from pg_temp.history('acme', '2024-01-31', '2024-02-11');
-- The next reset has nothing to roll.
select credit_reset('acme', '2024-03-01') -> 'grants' as children;
select type, name, amount from pg_temp.history('acme', '2024-03-01', '2024-03-02');
rollback;
