-- A hold sets credit aside; settled, it is usage of its time, and what it did not need is given back.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
create function pg_temp.standing() returns table (balance numeric, usage numeric, overage numeric, held numeric, available numeric, document jsonb, number numeric)
language sql stable as $$
select f.balance, f.usage, f.overage, f.held, f.available,
    jsonb_build_array(d -> 'balance', d -> 'usage', d -> 'overage', d -> 'held', d -> 'available'), credit_available('acme', 'chat')
from credit_feature_balances('acme') as f, jsonb_path_query_first(credit_balance('acme'), '$.featureBalances[0]') as d
$$;
select * from pg_temp.standing();
select credit_reserve('acme', 'chat', 60) as first \gset
select * from pg_temp.standing();
-- What is held cannot be spent, nor held again.
select credit_consume('acme', 'chat', 41);
select credit_reserve('acme', 'chat', 41);
select credit_reserve('acme', 'chat', 40, '1 hour', metadata => '{"call": "2"}') as second \gset
select * from pg_temp.standing();
select id = :'first' as first, state, amount, expires_at - held_at as lasts, dimensions, metadata, settled, spend_id, ended_at from credit_list_holds('acme');
-- Less than was held.
select c.amount, c.balance, c.available, jsonb_array_length(c.burned) as payers, c.occurred_at = h.held_at as at_the_hold, c.replayed
from credit.holds as h, credit_settle(h.id, 12.5) as c where h.id = :'first';
select * from pg_temp.standing();
-- Nothing of it.
select amount, balance, available, burned from credit_settle(:'second', 0);
select * from pg_temp.standing();
-- All of it.
select credit_reserve('acme', 'chat', 87.5) as third \gset
select * from pg_temp.standing();
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid from credit_settle(:'third', 87.5, metadata => '{"tokens": "many"}');
select * from pg_temp.standing();
-- Released, it never was.
select credit_reserve('acme', 'chat', 3, overdraft => 5) as fourth \gset
select * from pg_temp.standing();
select hold_id = :'fourth' as fourth, amount, released_at > now() as later, replayed from credit_release(:'fourth');
select * from pg_temp.standing();
-- Spends and their events, one for one, and the holds.
select s.requested, s.amount, s.available, s.metadata, h.amount as held, s.occurred_at = h.held_at as at_the_hold, s.created_at > h.held_at as later
from credit.spends as s join credit.holds as h on h.id = s.hold_id order by s.created_at;
select count(*) as events, sum(e.value) from credit.usage_events as e join credit.spends as s on s.occurred_at = e.occurred_at and s.amount = e.value;
select state, amount, settled, spend_id is not null as spent, ended_at > held_at as ended, metadata from credit_list_holds('acme', include_closed => true);
select state, amount from credit_list_holds('acme', 'chat', true, 2, 1);
select count(*) from credit_list_holds('acme');
rollback;
