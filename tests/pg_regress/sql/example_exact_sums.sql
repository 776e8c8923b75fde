-- Sums are exact, of very many small numbers and of very large ones.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger(s, measure_from => '2024-01-01')
    from unnest('{tenths,small,large}'::text[]) as s;
    perform credit_ingest('tenths', 'tokens', 0.1, '2024-01-02');
    perform credit_ingest('tenths', 'tokens', 0.2, '2024-01-02');
end;
$$;
select usage, overage, available from pg_temp.totals('tenths', '2024-01-03');
select usage = 0.3 as exact from pg_temp.totals('tenths', '2024-01-03');
-- 100,000 events of 0.000001 in one call; ten million of them would be 10.
select credit_ingest_arrays(array_agg('small'::text), array_agg('tokens'::text), array_agg(0.000001),
    array_agg('2024-01-02 00:00+00'::timestamptz + n * interval '1 second'))
from generate_series(1, 100000) as n;
select usage, overage, available from pg_temp.totals('small', '2024-01-10');
-- 200 events of 9.99 * 10^14, which no bigint of micro-units would hold.
select credit_ingest_arrays(array_agg('large'::text), array_agg('tokens'::text), array_agg(9.99e14),
    array_agg('2024-01-02 00:00+00'::timestamptz))
from generate_series(1, 200) as n;
select usage, overage, available from pg_temp.totals('large', '2024-01-10');
select usage = 200 * 999000000000000::numeric as exact from pg_temp.totals('large', '2024-01-10');
-- To the last digit on both sides.
select credit_ingest('large', 'tokens', 0.000000000001, '2024-01-02');
select usage from pg_temp.totals('large', '2024-01-10');
rollback;
