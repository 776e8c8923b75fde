-- An event counts in full for every feature that it matches; a missing dimension matches no filter.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_feature('eu', 'tokens', '{"region": "eu"}');
    perform credit_create_feature('large eu', 'tokens', '{"model": "large", "region": "eu"}');
    perform credit_create_feature('empty', 'tokens', '{"model": ""}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": "large", "region": "eu"}');
    perform credit_ingest('acme', 'tokens', 10, '2024-01-02', '{"model": "large"}');
    perform credit_ingest('acme', 'tokens', 100, '2024-01-02', '{"model": "small", "region": "eu"}');
    perform credit_ingest('acme', 'tokens', 1000, '2024-01-02');
    perform credit_ingest('acme', 'tokens', 10000, '2024-01-02', '{"region": "EU", "model": " large"}');
    perform credit_ingest('acme', 'tokens', 100000, '2024-01-02', '{"model": ""}');
end;
$$;
select name, u.usage
from unnest('{chat,large,eu,large eu,empty}'::text[]) as name, credit_usage('acme', name, to_time => '2024-02-01') as u;
select feature, usage, overage from pg_temp.totals('acme', '2024-02-01');
-- A grant for one of them pays its own share only.
select amount from credit_create_grant('acme', 'large', 5, effective_at => '2024-01-01', metadata => '{"name": "A"}');
select feature, usage, overage, balance from pg_temp.totals('acme', '2024-02-01');
-- Sets of dimensions are kept once, whatever the order of their members.
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"region": "eu", "model": "large"}');
select dimensions, count(*) from credit.dimension_sets group by dimensions order by dimensions;
select credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": "large", "city": "Rome"}');
\echo :LAST_ERROR_SQLSTATE
select slug from credit_create_meter('plain');
select credit_ingest('acme', 'plain', 1, '2024-01-02', '{"model": "large"}');
\echo :LAST_ERROR_SQLSTATE
rollback;
