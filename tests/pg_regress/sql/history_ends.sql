-- What is in [from_time, to_time): instants from the one on, to before the other; usage ends with it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-02', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-10', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 1, d) from generate_series('2024-01-02 00:00'::timestamptz, '2024-01-12', '1 day') d;
end;
$$;
select * from pg_temp.history('acme', '2024-01-02', '2024-01-10');
-- Usage before 10 January is in the window that ends there, B's grant in the one that begins there.
select * from pg_temp.history('acme', '2024-01-10', '2024-01-20');
-- Usage is cut at both ends.
select * from pg_temp.history('acme', '2024-01-05', '2024-01-08');
select * from pg_temp.history('acme', '2024-01-05 00:00:00.000001', '2024-01-06 00:00:00.000001');
select * from pg_temp.history('acme', '2024-01-10', '2024-01-10 00:00:00.000001');
-- The empty window.
select count(*) from pg_temp.history('acme', '2024-01-10', '2024-01-10');
-- By default from the watermark to now.
select * from pg_temp.history('acme', to_time => '2024-01-03');
select count(*), min(at), bool_and(period_to is null or period_to = at) as usage_at_its_end from credit_history('acme');
select credit_reset('acme', '2024-01-15') -> 'grants' as children;
select type, name, amount from pg_temp.history('acme');
rollback;
