-- The same call on a closed hold gives the first answer; any other is refused with its state.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select credit_reserve('acme', 'chat', 10) as settled \gset
select credit_reserve('acme', 'chat', 20) as released \gset
create temp table settlements as select c.* from credit_settle(:'settled', 7) as c;
create temp table releases as select c.* from credit_release(:'released') as c;
select credit_ingest('acme', 'tokens', 500);
select pg_temp.facts() as facts \gset
insert into settlements select c.* from credit_settle(:'settled', 7.0, 3, '{}') as c;
insert into releases select c.* from credit_release(:'released') as c;
select count(*), amount, balance, available, array_agg(replayed order by replayed) as replayed from settlements group by spend_id, amount, balance, available, burned, occurred_at;
select count(*), amount, array_agg(replayed order by replayed) as replayed from releases group by hold_id, amount, released_at;
create function pg_temp.said(call text, hold uuid) returns text language plpgsql as $$
declare
    detail text;
    hint text;
begin
    execute format(call, hold);
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, sqlerrm, regexp_replace(replace(detail, hold::text, '…'), '"endedAt": "[^"]*"', '"endedAt": …'), hint);
end;
$$;
select pg_temp.said('select credit_settle(%L, 8)', :'settled');
select pg_temp.said('select credit_settle(%L, 7, metadata => ''{"a": "b"}'')', :'settled');
select pg_temp.said('select credit_release(%L)', :'settled');
select pg_temp.said('select credit_settle(%L, 7)', :'released');
select pg_temp.said('select credit_settle(%L, 0)', :'released');
select pg_temp.facts() = :'facts' as "nothing changed";
rollback;
