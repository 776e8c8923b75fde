-- A grant that paid is not voided, unless what is left of it is to be forfeited.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-10');
end;
$$;
select pg_temp.id_of('A') as a, pg_temp.facts() as facts \gset
\set VERBOSITY terse
select credit_void_grant(:'a', '2024-01-11');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
create function pg_temp.refused(grant_id uuid, voided_at timestamptz) returns jsonb language plpgsql as $$
declare detail jsonb; hint text;
begin
    perform credit_void_grant(grant_id, voided_at);
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return detail - 'grant' || jsonb_build_object('hint', hint, 'state', sqlstate, 'same', detail ->> 'grant' = grant_id::text);
end;
$$;
select jsonb_pretty(pg_temp.refused(:'a', '2024-01-11'));
select pg_temp.facts() = :'facts' as unchanged;
-- Usage at voided_at and later is not before it.
savepoint here;
select voided_at from credit_void_grant(:'a', '2024-01-10');
select * from pg_temp.totals('acme', '2024-01-11');
select * from pg_temp.history('acme', null, '2024-01-12');
rollback to here;
select voided_at from credit_void_grant(:'a', '2024-01-11', forfeit_remaining => true);
select * from pg_temp.totals('acme', '2024-01-12');
select * from pg_temp.history('acme', null, '2024-01-12');
-- What it paid stays paid, also by usage that arrives late; later usage is owed.
select credit_ingest('acme', 'tokens', 2, '2024-01-09');
select credit_ingest('acme', 'tokens', 1, '2024-01-11');
select * from pg_temp.totals('acme', '2024-01-12');
select * from pg_temp.history('acme', null, '2024-01-12');
rollback;
