-- Thousands of events, subjects and sets of dimensions in one call.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('even', 'tokens', '{"model": "even"}');
    perform credit_create_feature('region 7', 'tokens', '{"region": "7"}');
    perform credit_create_feature('both', 'tokens', '{"region": "8", "model": "even"}');
end;
$$;
-- 20,000 events of 2 subjects, with 2,000 sets of dimensions.
select credit_ingest_arrays(array_agg(case when n % 10 = 0 then 'other' else 'acme' end), array_agg('tokens'::text),
    array_agg(n::numeric), array_agg('2024-01-02 00:00+00'::timestamptz + n * interval '1 minute'), null,
    array_agg(jsonb_build_object('region', (n % 2000)::text, 'model', case n % 2 when 0 then 'even' else 'odd' end)))
from generate_series(1, 20000) as n;
select feature, usage from pg_temp.totals('acme', '2024-02-01');
-- The same by arithmetic.
select sum(n) as chat, sum(n) filter (where n % 2 = 0) as even, sum(n) filter (where n % 2000 = 7) as region_7,
    sum(n) filter (where n % 2000 = 8) as both
from generate_series(1, 20000) as n where n % 10 <> 0;
select count(*) from credit.dimension_sets;
select count(*) from credit.streams;
-- Day by day, too.
select bool_and(u.usage = e.usage) as same, count(*)
from credit_usage('acme', 'even', '2024-01-02', '2024-01-16', 'DAY') as u
join lateral (select sum(n) as usage from generate_series(1, 20000) as n
    where n % 10 <> 0 and n % 2 = 0 and '2024-01-02 00:00+00'::timestamptz + n * interval '1 minute' <@ u.period) as e on true;
-- As JSON, and the last one is bad: nothing of it is taken.
select pg_temp.facts() as facts \gset
select credit_ingest_batch(jsonb_agg(jsonb_build_object('subject', 's' || n, 'meter', 'tokens', 'value',
    case when n = 5000 then 'x' else n::text end, 'idempotency_key', 'k' || n) order by n))
from generate_series(1, 5000) as n;
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
select credit_ingest_batch(jsonb_agg(jsonb_build_object('subject', 's' || n, 'meter', 'tokens', 'value', n, 'idempotency_key', 'k' || n)))
from generate_series(1, 5000) as n;
select credit_ingest_batch(jsonb_agg(jsonb_build_object('subject', 's' || n, 'meter', 'tokens', 'value', n, 'idempotency_key', 'k' || n)))
from generate_series(1, 5001) as n;
rollback;
