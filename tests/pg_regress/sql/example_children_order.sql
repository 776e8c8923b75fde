-- Children burn in the order of the grants that they come from.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 50, effective_at => '2024-01-01',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "B"}');
end;
$$;
select jsonb_path_query_array(credit_reset('acme', '2024-02-01'), '$.grants[*].amount') as children;
select credit_ingest('acme', 'tokens', 60, '2024-02-02');
select * from pg_temp.balances('acme', '2024-02-03');
-- And so do their children.
select jsonb_path_query_array(credit_reset('acme', '2024-03-01'), '$.grants[*].amount') as children;
select credit_ingest('acme', 'tokens', -60, '2024-02-02');
select credit_ingest('acme', 'tokens', 60, '2024-03-02');
select * from pg_temp.balances('acme', '2024-03-03');
rollback;
