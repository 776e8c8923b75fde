-- Pages are cut after all is sorted.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_grant('acme', case when n % 2 = 0 then 'chat' else 'large' end, n, effective_at => '2024-01-10'::timestamptz - n * interval '1 day',
        expires_at => '2024-01-12', metadata => jsonb_build_object('name', 'G' || n)) from generate_series(1, 5) as n;
    perform credit_ingest('acme', 'tokens', 1, '2024-01-11', '{"model": "large"}');
end;
$$;
create temp table whole as
select row_number() over () as nr, h.* from credit_history('acme', '2024-01-01', '2024-01-20') as h;
select nr, at, type, pg_temp.name_of(grant_id), amount from whole order by nr;
-- Page by page it is the same.
select row_limit, (select count(*) from (
    select row_number() over (order by page, place), at, type, grant_id, reset_id, feature_id, amount, balance_after, overage, overage_after, period_from, period_to
    from generate_series(0, 15) as page,
        credit_history('acme', '2024-01-01', '2024-01-20', row_limit, row_limit * page) with ordinality as h(at, type, grant_id,
            reset_id, feature_id, amount, balance_after, overage, overage_after, period_from, period_to, place)
    except select * from whole) as other) as different,
    (select count(*) from generate_series(0, 15) as page, credit_history('acme', '2024-01-01', '2024-01-20', row_limit, row_limit * page)) as rows
from unnest('{1,2,3,5,100}'::int[]) as row_limit;
select count(*) from credit_history('acme', '2024-01-01', '2024-01-20', row_limit => 0);
select count(*) from credit_history('acme', '2024-01-01', '2024-01-20', row_offset => 1000);
select count(*) from credit_history('acme', '2024-01-01', '2024-01-20', row_limit => null, row_offset => 10);
rollback;
