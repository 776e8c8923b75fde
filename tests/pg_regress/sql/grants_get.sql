-- A grant by its id: children with the amount that rolled, those at 0 too, void ones, ended ones.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', expires_after => '99 years',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "B"}');
    perform credit_reset('acme', '2024-02-01');
    perform credit_void_grant(pg_temp.id_of('A'''), '2024-02-05');
end;
$$;
select pg_temp.name_of(g.id), pg_temp.name_of(parent_id) as parent, reset_id is not null as by_reset, amount, priority,
    effective_at, expires_at, expires_after, rollover_type, voided_at,
    created_at = effective_at as created_then
from unnest(array['A', 'A''', 'B']) with ordinality as n(name, nr), credit_get_grant(pg_temp.id_of(name)) as g order by nr;
-- Late usage shrinks the child to nothing: its id stays.
select credit_ingest('acme', 'tokens', 120, '2024-01-05');
select amount, voided_at from credit_get_grant(pg_temp.id_of('A'''));
select pg_temp.name_of(id), amount from credit_list_grants('{acme}', include_void => true);
select jsonb_path_query_array(credit_reset('acme', '2024-02-01'), '$.grants[*].amount') as children;
-- And comes back.
select credit_ingest('acme', 'tokens', -60, '2024-01-06');
select amount from credit_get_grant(pg_temp.id_of('A'''));
select credit_get_grant(null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_grant('00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.id_of('A') as a \gset
\set VERBOSITY sqlstate
select credit_get_grant(:'a', namespace => 'other');
rollback;
