-- A void: inactive from voided_at on; what was left is gone, with a row in the history.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-01', priority => 2, metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-10');
end;
$$;
select jsonb_strip_nulls(to_jsonb(g) - '{id,ledger_id,feature_id,created_at,updated_at}'::text[]) as row,
    updated_at > created_at as changed
from credit_void_grant(pg_temp.id_of('B'), '2024-01-05') as g;
select * from pg_temp.balances('acme', '2024-01-04 23:59:59.999999');
select * from pg_temp.balances('acme', '2024-01-05');
select * from pg_temp.totals('acme', '2024-01-20');
select * from pg_temp.history('acme', null, '2024-01-20');
-- By default the time is now, which is after everything here.
do $$
begin
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-02-01', priority => 3, metadata => '{"name": "C"}');
end;
$$;
select voided_at = updated_at as now, voided_at between now() and clock_timestamp() as by_the_clock
from credit_void_grant(pg_temp.id_of('C'));
select name, voided_at is not null as void from credit_list_grants('{acme}', include_void => true) g, pg_temp.name_of(g.id) name;
rollback;
