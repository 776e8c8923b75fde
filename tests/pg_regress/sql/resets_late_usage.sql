-- Late usage before resets counts as if it had arrived in time, through generations; ids stay.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 30, effective_at => '2024-01-01', priority => 2, rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 10, '2024-01-10');
    perform credit_reset('acme', '2024-02-01');
    perform credit_ingest('acme', 'tokens', 20, '2024-02-10');
    perform credit_reset('acme', '2024-03-01');
end;
$$;
create function pg_temp.ids() returns text language sql stable as $$
select string_agg(id::text, ' ' order by id) from credit.grants
$$;
select * from pg_temp.balances('acme', '2024-02-15');
select * from pg_temp.balances('acme', '2024-03-01');
select pg_temp.ids() as ids, pg_temp.facts() - 'usage_events' as facts, pg_temp.id_of('A''''') as youngest \gset
-- 50 late in January: 40 are left of A at the first reset, 20 at the second.
select credit_ingest('acme', 'tokens', 50, '2024-01-15');
select * from pg_temp.balances('acme', '2024-02-15');
select * from pg_temp.balances('acme', '2024-03-01');
-- 60 more: nothing is left of A, and B pays 20 of January and all that it has left of February.
select credit_ingest('acme', 'tokens', 60, '2024-01-31 23:59:59.999999');
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.balances('acme', '2024-03-01');
select amount from credit_get_grant(:'youngest');
-- At the reset's instant usage is the new period's.
select credit_ingest('acme', 'tokens', 1, '2024-02-01');
select * from pg_temp.totals('acme', '2024-02-02');
-- Taken back, only the 1 is missing, and the ids are what they were.
select credit_ingest('acme', 'tokens', -110, '2024-01-15');
select * from pg_temp.balances('acme', '2024-03-01');
select pg_temp.ids() = :'ids' as same_ids, pg_temp.facts() - 'usage_events' = :'facts' as no_other_row;
select type, name, amount, balance from pg_temp.history('acme', '2024-01-01', '2024-03-02');
rollback;
