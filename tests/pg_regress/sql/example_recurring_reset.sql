-- A recurring grant without rollover is empty after a reset, until it is refilled.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        recurs_every => '1 month', metadata => '{"name": "monthly"}');
    perform credit_ingest('acme', 'tokens', 60, '2024-01-10');
end;
$$;
select * from pg_temp.balances('acme', '2024-01-15');
select credit_reset('acme', '2024-01-15') -> 'grants' as children;
select * from pg_temp.balances('acme', '2024-01-15');
select * from pg_temp.balances('acme', '2024-01-31');
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.history('acme', '2024-01-01', '2024-02-02');
rollback;
