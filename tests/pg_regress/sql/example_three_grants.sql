-- Grants of 10, 100 and 100 that expire in that order, usage of 30.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        expires_at => '2024-04-01', metadata => '{"name": "C"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01',
        expires_at => '2024-02-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        expires_at => '2024-03-01', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 30, '2024-01-10');
end;
$$;
select * from pg_temp.balances('acme', '2024-01-15');
select * from pg_temp.totals('acme', '2024-01-15');
select credit_available('acme', 'chat', '2024-01-15');
select * from pg_temp.history('acme', null, '2024-01-15');
rollback;
