-- At its end a grant's balance is gone, and usage of that instant is the next phase's.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01',
        expires_at => '2024-01-10', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 2, '2024-01-09 23:59:59.999999');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-10');
end;
$$;
-- At T all pivots up to T have happened, and the usage before T is counted.
select t, balance, usage, overage from unnest('{2024-01-09 23:59:59.999999,2024-01-10,
    2024-01-10 00:00:00.000001}'::timestamptz[]) as t, pg_temp.totals('acme', t);
-- It is listed until the next reset.
select * from pg_temp.balances('acme', '2024-01-20');
select * from pg_temp.history('acme', null, '2024-01-20');
select credit_reset('acme', '2024-01-20') -> 'grants' as children;
select * from pg_temp.balances('acme', '2024-01-20');
select * from pg_temp.balances('acme', '2024-01-19 23:59:59');
rollback;
