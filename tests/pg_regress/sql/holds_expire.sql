-- A hold ends by itself when its time is over.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select credit_reserve('acme', 'chat', 60, '300 milliseconds') as short \gset
select credit_reserve('acme', 'chat', 10, '1 day') as long \gset
select credit_available('acme', 'chat');
select pg_sleep(0.31);
select held, available from credit_feature_balances('acme');
select state, amount from credit_list_holds('acme');
select state, amount, ended_at = expires_at as at_its_time from credit_list_holds('acme', include_closed => true);
create function pg_temp.said(call text) returns text language plpgsql as $$
declare
    detail jsonb;
    hint text;
begin
    execute call;
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, sqlerrm, detail - 'hold' - 'endedAt', hint);
end;
$$;
select pg_temp.said(format('select credit_settle(%L, 1)', :'short'));
select pg_temp.said(format('select credit_release(%L)', :'short'));
-- What was held can be spent.
select available from credit_consume('acme', 'chat', 90);
select count(*) from credit.hold_ends;
rollback;
