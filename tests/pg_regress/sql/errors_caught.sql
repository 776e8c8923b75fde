-- PL/pgSQL catches our errors by SQLSTATE, reads their DETAIL as JSON, and none rubs off on the next.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
declare
    detail jsonb;
begin
    begin
        perform credit_available('nobody', 'chat');
    exception when sqlstate 'UC001' then
        get stacked diagnostics detail = pg_exception_detail;
        raise notice '% of %', detail ->> 'error', detail ->> 'ledger';
    end;
    begin
        perform 1 / 0;
    exception when others then
        raise notice '%', sqlstate;
    end;
    begin
        perform credit_available(null, 'chat');
    exception when others then
        raise notice '%', sqlstate;
    end;
    begin
        perform credit_get_grant('00000000-0000-0000-0000-000000000000');
    exception when sqlstate 'UC001' then
        raise notice 'not this';
    when sqlstate 'UC003' then
        raise notice '%', sqlstate;
    end;
    begin
        raise exception 'ours %', 1;
    exception when others then
        raise notice '%', sqlstate;
    end;
    -- One inside of another.
    begin
        begin
            perform credit_ingest('acme', 'nothing');
        exception when sqlstate 'UC004' then
            perform credit_available('acme', 'nothing');
        end;
    exception when others then
        raise notice '%', sqlstate;
    end;
    raise notice '%', credit_ingest('acme', 'tokens');
end;
$$;
select credit_available('nobody', 'chat');
\echo :LAST_ERROR_SQLSTATE
select 1 / 0;
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', 'chat');
-- In the midst of a query over many rows.
\set VERBOSITY terse
select s, credit_high_watermark(s) from unnest('{acme,nobody}'::text[]) as s;
\echo :LAST_ERROR_SQLSTATE
rollback;
