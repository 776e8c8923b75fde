-- A debit is void as never having happened, or not at all.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', -4, effective_at => '2024-01-02', metadata => '{"name": "debit"}');
    perform credit_create_grant('acme', 'chat', -1, effective_at => '2024-01-03', metadata => '{"name": "other"}');
end;
$$;
select credit_available('acme', 'chat', '2024-01-04');
select credit_void_grant(pg_temp.id_of('debit'), '2024-01-03');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(pg_temp.id_of('debit'), '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
select voided_at from credit_void_grant(pg_temp.id_of('debit'));
select voided_at from credit_void_grant(pg_temp.id_of('other'), '2024-01-03');
select credit_available('acme', 'chat', '2024-01-04');
select type, name, amount from pg_temp.history('acme', null, '2024-01-04');
rollback;
