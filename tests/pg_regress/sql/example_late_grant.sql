-- Grant B, more urgent, becomes effective after the usage: A pays it, to the second.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, priority => 1,
        effective_at => '2024-01-01 00:03', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 100, priority => 0,
        effective_at => '2024-01-01 01:00', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-01 00:03:01');
end;
$$;
select * from pg_temp.balances('acme', '2024-01-01 01:01');
select * from pg_temp.history('acme', null, '2024-01-01 01:01');
rollback;
