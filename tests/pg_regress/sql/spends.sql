-- A spend is taken where there is credit for it, and told to the last digit.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create temp table asked as select clock_timestamp() as at;
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select amount, balance, available, replayed, occurred_at > (select at from asked) as at_the_clock from credit_consume('acme', 'chat', 30);
select amount, balance, available from credit_consume('acme', 'chat', 0.000000000001);
select amount, balance, available from credit_consume('acme', 'chat', 69.999999999999);
select amount, balance, available from credit_consume('acme', 'chat', 0.000000000001);
-- The ledger and the feature by id, and named arguments.
select (credit_create_grant('acme', 'chat', 5)).amount;
select c.available
from credit_get_ledger('acme') as l, credit_get_feature('chat') as f,
    lateral credit_consume(l.id::text, f.id::text, amount => 2, metadata => '{"call": "17"}') as c;
-- Each is a usage event and a row.
select usage, balance, available from credit_feature_balances('acme');
select s.requested, s.amount, s.balance, s.available, s.metadata, s.hold_id, s.dims_id, s.created_at = s.occurred_at as at_once
from credit.spends as s order by s.created_at;
select count(*) as events, sum(e.value) from credit.usage_events as e join credit.spends as s on s.occurred_at = e.occurred_at and s.amount = e.value;
-- In order, each later than the one before.
select count(distinct occurred_at) as times, bool_and(l.id is not null and f.id is not null) as known,
    array_agg(s.id order by s.id) = array_agg(s.id order by s.occurred_at) as ordered
from credit.spends as s left join credit.ledgers as l on l.id = s.ledger_id left join credit.features as f on f.id = s.feature_id;
-- Nothing to spend is nothing wrong.
select amount, available from credit_consume('acme', 'chat', 0);
rollback;
