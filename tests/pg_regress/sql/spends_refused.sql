-- What cannot be spent is refused, with SQLSTATE, DETAIL and HINT, and changes nothing.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01');
    perform credit_create_meter('calls', 'COUNT');
    perform credit_create_feature('calls', 'calls');
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_ledger('later', measure_from => '9000-01-01');
end;
$$;
create function pg_temp.said() returns text language plpgsql as $$
declare
    detail text;
begin
    perform credit_consume('later', 'chat', 1);
exception when others then
    get stacked diagnostics detail = pg_exception_detail;
    return sqlstate || ' ' || sqlerrm || ' ' || detail;
end;
$$;
select name from credit_create_feature('old', 'tokens');
select name from credit_delete_feature('old');
select pg_temp.facts() as facts \gset
-- Not enough.
select credit_consume('acme', 'chat', 10.5);
\echo :LAST_ERROR_SQLSTATE
select credit_consume('acme', 'chat', 10.000000000001);
select credit_consume('acme', 'chat', 20, overdraft => 9.5);
select credit_consume('acme', 'large', 1);
-- Not found.
select credit_consume('nobody', 'chat', 1);
select credit_consume('acme', 'nothing', 1);
select credit_consume('acme', 'old', 1);
\echo :LAST_ERROR_SQLSTATE
-- Not measured yet.
select regexp_replace(pg_temp.said(), '"at": "[^"]*"', '"at": …');
-- Bad input.
select credit_consume('acme', 'chat', 'NaN');
select credit_consume('acme', 'chat', 1e15);
select credit_consume('acme', 'chat', 0.0000000000001);
select credit_consume('acme', 'chat', 1, overdraft => -1);
select credit_consume('acme', 'chat', 1, overdraft => 'Infinity');
select credit_consume('acme', 'chat', 1, dimensions => '[]');
select credit_consume('acme', 'chat', 1, dimensions => '{"plan": "pro"}');
select credit_consume('acme', 'large', -1, dimensions => '{"model": "small"}');
select credit_consume('acme', 'chat', 1, metadata => '{"a": 1}');
select credit_consume('acme', 'chat', 1, idempotency_key => '');
select credit_consume('', 'chat', 1);
select credit_consume('acme', '', 1);
select credit_consume('acme', 'calls', 2, overdraft => 5);
select credit_consume('acme', 'calls', 0.5, overdraft => 5);
select pg_temp.facts() = :'facts' as "nothing changed";
rollback;
