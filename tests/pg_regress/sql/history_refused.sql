-- Histories and usages that are refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create function pg_temp.refused(arguments text) returns text language plpgsql as $$
declare detail text; hint text; whole text := ''; fn text; args text;
begin
    foreach fn in array '{credit_history,credit_usage}'::text[] loop
        args := case fn when 'credit_usage' then regexp_replace(arguments, '^[^,]*', '\&, ''chat''') else arguments end;
        begin
            execute format('select count(*) from %s(%s)', fn, args);
            whole := whole || fn || ' accepted ';
        exception when others then
            get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
            whole := whole || case when whole like '%' || sqlerrm || '%' then E'\n  same' else concat_ws(' | ', sqlstate, sqlerrm, detail, nullif(hint, '')) end;
        end;
    end loop;
    return whole;
end;
$$;
\pset format unaligned
\pset tuples_only on
select pg_temp.refused(a) from unnest(array[
    $$null$$, $$'nobody'$$, $$''$$, $$'acme', namespace => 'other'$$,
    $$'acme', '2024-01-02', '2024-01-01'$$,
    $$'acme', '2023-12-31', '2024-01-02'$$, $$'acme', '2023-12-30', '2023-12-31'$$,
    $$'acme', 'infinity'$$, $$'acme', '-infinity'$$, $$'acme', null, 'infinity'$$, $$'acme', null, '0001-12-31 BC'$$,
    $$'acme', granularity => 'YEAR'$$, $$'acme', granularity => 'hour'$$, $$'acme', granularity => ''$$, $$'acme', granularity => 'MINUTE'$$,
    $$'acme', '2024-01-01', '9999-01-01', granularity => 'HOUR'$$]) as a;
\pset format aligned
\pset tuples_only off
select credit_history('acme', row_limit => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_history('acme', row_offset => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_history('acme', row_offset => null);
\echo :LAST_ERROR_SQLSTATE
select credit_usage('acme', null);
\echo :LAST_ERROR_SQLSTATE
select credit_usage('acme', 'nothing');
\echo :LAST_ERROR_SQLSTATE
rollback;
