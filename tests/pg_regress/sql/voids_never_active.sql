-- Void at or before its effective time, a grant was never active; usage falls to others.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05', metadata => '{"name": "B"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '9000-01-01', metadata => '{"name": "future"}');
    perform credit_create_grant('acme', 'chat', 10, priority => 2, effective_at => '2024-01-01', metadata => '{"name": "C"}');
end;
$$;
select voided_at from credit_void_grant(pg_temp.id_of('A'), '2024-01-05');
select voided_at from credit_void_grant(pg_temp.id_of('B'), '2024-01-02');
-- Usage that arrives now is paid by the one that is left.
select credit_ingest('acme', 'tokens', 4, '2024-01-06');
select * from pg_temp.balances('acme', '2024-01-07');
select * from pg_temp.history('acme', null, '2024-01-07');
-- A grant that is not effective yet is void before it begins.
select effective_at, voided_at < effective_at as before from credit_void_grant(pg_temp.id_of('future'));
select * from pg_temp.balances('acme', '9000-01-02');
rollback;
