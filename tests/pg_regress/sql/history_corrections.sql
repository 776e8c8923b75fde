-- Corrections give back to what was burned last, and the rest is credit for usage to come.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', priority => 2, metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 13, '2024-01-02');
end;
$$;
-- Inside of a phase a correction makes its sum smaller.
savepoint start;
select credit_ingest('acme', 'tokens', -5, '2024-01-03');
select name, balance from pg_temp.balances('acme', '2024-01-04');
select type, name, amount, overage, owed from pg_temp.history('acme', '2024-01-01', '2024-01-04');
select type, name, amount, at from pg_temp.history('acme', '2024-01-01', '2024-01-04', 'DAY');
rollback to start;
-- In a later phase it is given back: B first, which was burned last in order, then A; the rest is carried.
select amount from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05', priority => 0, metadata => '{"name": "C"}');
select credit_ingest('acme', 'tokens', -20, '2024-01-06');
select name, balance from pg_temp.balances('acme', '2024-01-07');
select * from pg_temp.totals('acme', '2024-01-07');
select type, name, amount, overage, owed, period_from from pg_temp.history('acme', '2024-01-04', '2024-01-07');
-- Usage to come meets it first.
select credit_ingest('acme', 'tokens', 8, '2024-01-06 12:00');
select name, balance from pg_temp.balances('acme', '2024-01-07');
select * from pg_temp.totals('acme', '2024-01-07');
rollback;
