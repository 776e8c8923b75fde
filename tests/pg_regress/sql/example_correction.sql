-- A correction gives back across a phase boundary, which a top-up in between makes.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 80, '2024-01-10');
    perform credit_ingest('acme', 'tokens', -50, '2024-01-20');
end;
$$;
select * from pg_temp.balances('acme', '2024-02-01');
select amount from credit_create_grant('acme', 'chat', 1, priority => 2,
    effective_at => '2024-01-15', metadata => '{"name": "top-up"}');
select * from pg_temp.balances('acme', '2024-01-16');
select * from pg_temp.balances('acme', '2024-02-01');
select jsonb_path_query_array(credit_reset('acme', '2024-02-01'), '$.grants[*].amount') as children;
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.history('acme', '2024-01-01', '2024-02-02');
rollback;
