-- Whether a grant paid is told net of corrections, and over its earlier recurrences too.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-10');
    perform credit_ingest('acme', 'tokens', -3, '2024-01-12');
    perform credit_create_feature('daily', 'tokens', '{"model": "m"}');
    perform credit_create_grant('acme', 'daily', 10, effective_at => '2024-01-01', recurs_every => '1 day', metadata => '{"name": "daily"}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-20', '{"model": "m"}');
    perform credit_ingest('acme', 'tokens', -1, '2024-01-20', '{"model": "n"}');
end;
$$;
\set VERBOSITY terse
-- On the 11th it has paid 3, on the 13th nothing.
select credit_void_grant(pg_temp.id_of('A'), '2024-01-11');
\echo :LAST_ERROR_SQLSTATE
select voided_at from credit_void_grant(pg_temp.id_of('A'), '2024-01-13');
-- It was refilled since, but it has paid.
select credit_void_grant(pg_temp.id_of('daily'), '2024-01-25');
\echo :LAST_ERROR_SQLSTATE
select voided_at from credit_void_grant(pg_temp.id_of('daily'), '2024-01-20');
rollback;
