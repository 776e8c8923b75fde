-- What expires, begins, is refilled or ends by itself at the time of a spend has done so before it. A
-- batch goes on microsecond by microsecond, and what happens between two of its spends happens there.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
-- A spend of the year 9000: those after it take their times from there, whatever the clock says.
insert into credit.spends (id, ledger_id, feature_id, requested, amount, occurred_at, metadata, burned, balance, available, created_at)
select credit.new_id(null, null), l.id, f.id, 0, 0, '9000-01-01', '{}', '[]', 0, 0, '9000-01-01' from credit.ledgers as l, credit.features as f;
create function pg_temp.paid(burned jsonb) returns text language sql stable as $$
select string_agg(pg_temp.name_of((b ->> 'grantID')::uuid) || ' ' || (b ->> 'amount'), ', ' order by o)
from jsonb_array_elements(burned) with ordinality as b (b, o)
$$;
do $$
begin
    perform credit_create_grant('acme', 'chat', 1000, 9, '2024-01-01', metadata => '{"name": "last"}');
    perform credit_create_grant('acme', 'chat', 300, 1, '2024-01-01', expires_at => '9000-01-01 00:00:00.0001', metadata => '{"name": "until 100"}');
    perform credit_create_grant('acme', 'chat', 150, 1, '9000-01-01 00:00:00.0002', metadata => '{"name": "from 200"}');
    perform credit_create_grant('acme', 'chat', 20, 0, '2024-01-01', recurs_every => '1 year', recurrence_anchor => '9000-01-01 00:00:00.0003', metadata => '{"name": "at 300"}');
end;
$$;
select credit_reserve('acme', 'chat', 400, '230 microseconds') is null as failed;
create temp table spent as
select c.*, lag(c.available) over (order by c.occurred_at) - c.available as less
from credit_consume_batch((select jsonb_agg('{"ledger": "acme", "feature": "chat", "amount": 1}'::jsonb) from generate_series(1, 400))) as c;
-- The spends of which what was left after it is not one less than after the one before it.
select s.occurred_at = h.expires_at as hold_ends, case when s.occurred_at = h.expires_at then '…' else to_char(s.occurred_at, 'US') end as at,
    less, pg_temp.paid(burned) as paid
from spent as s, credit.holds as h where less <> 1 order by s.occurred_at;
-- The times are not the clock's, and so are those of reads and whatever else comes after.
select c.available = s.available as same, c.held
from credit_feature_balances('acme') as c, (select available from spent order by occurred_at desc limit 1) as s;
select g.effective_at > max(s.occurred_at) as later from credit_create_grant('acme', 'chat', 1000, rollover_type => 'ORIGINAL_AMOUNT') as g, spent as s group by g.effective_at;
select credit_reset('acme') #>> '{reset,effectiveAt}' as reset_at \gset
select max(effective_at) filter (where parent_id is null) < :'reset_at' as later from credit.grants;
select occurred_at > :'reset_at' as later, available from credit_consume('acme', 'chat', 1);
rollback;
