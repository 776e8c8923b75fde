-- Voids that are refused for their arguments, and nothing is written.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-02', metadata => '{"name": "A"}');
end;
$$;
select pg_temp.facts() as facts, pg_temp.id_of('A') as a \gset
select credit_void_grant(null);
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', forfeit_remaining => null);
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant('00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', '-infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', '0044-03-15 BC');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
select credit_void_grant(:'a', namespace => '');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
select credit_void_grant(:'a', namespace => 'other');
select pg_temp.facts() = :'facts' as unchanged;
rollback;
