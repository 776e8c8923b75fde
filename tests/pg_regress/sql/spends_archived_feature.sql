-- An archived feature is found by its id, and takes no spend, nor a refund.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select id as old from credit_create_feature('old', 'tokens') \gset
select amount from credit_create_grant('acme', 'old', 10);
select name from credit_delete_feature('old');
create function pg_temp.said(feature text, amount numeric) returns text language plpgsql as $$
declare
    detail jsonb;
    hint text;
begin
    perform credit_consume('acme', feature, amount);
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' ', sqlstate, detail ->> 'error', hint);
end;
$$;
select pg_temp.said(:'old', 1), pg_temp.said(:'old', -1), pg_temp.said('old', 1);
select count(*) from credit.spends;
rollback;
