-- 100 a month anchored at the last of January, and a top-up of 50 from April on.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-31',
        recurs_every => '1 month', metadata => '{"name": "monthly"}');
    perform credit_create_grant('acme', 'chat', 50, priority => 2, effective_at => '2024-04-01',
        metadata => '{"name": "top-up"}');
    perform credit_ingest('acme', 'tokens', 70, '2024-02-10');
    perform credit_ingest('acme', 'tokens', 70, '2024-03-05');
    perform credit_ingest('acme', 'tokens', 120, '2024-04-05');
end;
$$;
select t as at, balance, usage, overage
from unnest('{2024-02-28,2024-02-28 23:59:59.999999,2024-02-29,2024-03-01,2024-03-06,2024-03-30,
    2024-03-31,2024-04-02,2024-04-06,2024-04-29,2024-04-30,2024-05-31}'::timestamptz[]) as t,
    pg_temp.totals('acme', t);
select * from pg_temp.balances('acme', '2024-04-06');
select * from pg_temp.history('acme', null, '2024-05-01');
rollback;
