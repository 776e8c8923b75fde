-- A reset writes an identity for what could roll, at zero too: a correction can bring it back.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 10, '2024-01-10');
end;
$$;
select credit_reset('acme', '2024-02-01') -> 'grants' as children;
select g.parent_id = pg_temp.id_of('A') as of_a, g.amount from credit.grants as g where g.parent_id is not null;
select * from pg_temp.balances('acme', '2024-02-01');
select pg_temp.name_of(id) from credit_list_grants('{acme}');
select amount, voided_at from credit_get_grant(pg_temp.id_of('A'''));
select credit_ingest('acme', 'tokens', -4, '2024-01-20');
select * from pg_temp.balances('acme', '2024-02-01');
select pg_temp.name_of(id), amount from credit_list_grants('{acme}');
select jsonb_path_query_array(credit_reset('acme', '2024-02-01'), '$.grants[*].amount') as children;
rollback;
