-- What no grant covered is owed, and the next credit pays it first; then a debit.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01',
        metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 30, '2024-01-02');
end;
$$;
select * from pg_temp.totals('acme', '2024-01-03');
select credit_available('acme', 'chat', '2024-01-03');
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-04',
    metadata => '{"name": "B"}');
select * from pg_temp.totals('acme', '2024-01-04');
select amount from credit_create_grant('acme', 'chat', -5, effective_at => '2024-01-05',
    metadata => '{"name": "debit"}');
select * from pg_temp.balances('acme', '2024-01-06');
select * from pg_temp.totals('acme', '2024-01-06');
select * from pg_temp.history('acme', null, '2024-01-06');
rollback;
