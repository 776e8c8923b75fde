-- Usage before the first grant is paid by the first grant.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_ingest('acme', 'tokens', 4, '2024-01-02');
    perform credit_create_grant('acme', 'chat', 3, effective_at => '2024-01-05', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 3, effective_at => '2024-01-06', metadata => '{"name": "B"}');
end;
$$;
select t, balance, usage, overage, available
from unnest('{2024-01-04,2024-01-05,2024-01-06}'::timestamptz[]) as t, pg_temp.totals('acme', t);
select * from pg_temp.history('acme', null, '2024-01-07');
rollback;
