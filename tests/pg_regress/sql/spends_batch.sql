-- Many spends in one call, on several ledgers and features: in order, each seeing the ones before it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_meter('calls', 'COUNT');
    perform credit_create_feature('calls', 'calls');
    perform credit_create_ledger('initech', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 20, 1, '2024-01-01', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 80, 2, '2024-01-01', metadata => '{"name": "B"}');
    perform credit_create_grant('acme', 'large', 50, effective_at => '2024-01-01');
    perform credit_create_grant('initech', 'chat', 10, effective_at => '2024-01-01');
end;
$$;
select n, c.amount, c.balance, c.available, (select string_agg(coalesce(pg_temp.name_of((b ->> 'grantID')::uuid), '-') || ' ' || (b ->> 'amount'), ', ') from jsonb_array_elements(c.burned) as b) as paid, c.replayed
from credit_consume_batch('[
    {"ledger": "acme", "feature": "chat", "amount": 15},
    {"ledger": "initech", "feature": "chat", "amount": "9.5", "metadata": {"call": "2"}},
    {"ledger": "acme", "feature": "large", "amount": 10, "dimensions": {"region": "eu"}},
    {"ledger": "acme", "feature": "chat", "amount": -3, "dimensions": null},
    {"ledger": "acme", "feature": "chat", "amount": 60, "idempotency_key": "k"},
    {"ledger": "initech", "feature": "chat", "amount": 1, "overdraft": 0.5},
    {"ledger": "acme", "feature": "large", "amount": 1},
    {"ledger": "acme", "feature": "calls", "amount": 1, "overdraft": 1},
    {"ledger": "acme", "feature": "chat", "amount": 17}
]') with ordinality as c (spend_id, amount, balance, available, burned, occurred_at, replayed, n);
-- As reads see it.
select l.subject, f.name, f.balance, f.usage, f.overage, f.available from credit_list_ledgers(order_by => 'subject') as l, credit_feature_balances(l.subject) as f;
-- The times of a ledger go on, and the ids with them.
select l.subject, count(*), count(distinct s.occurred_at) as times, bool_and(s.created_at = s.occurred_at) as at_once,
    array_agg(s.id order by s.id) = array_agg(s.id order by s.occurred_at) as ordered
from credit.spends as s join credit.ledgers as l on l.id = s.ledger_id group by 1 order by 1;
select s.requested, s.amount, s.balance, s.available, s.metadata, d.dimensions, s.hold_id
from credit.spends as s left join credit.dimension_sets as d on d.id = s.dims_id order by s.id;
select count(*) as events, sum(e.value) from credit.usage_events as e join credit.spends as s on s.occurred_at = e.occurred_at and s.amount = e.value and s.dims_id is not distinct from e.dims_id;
-- Nothing to do.
select * from credit_consume_batch('[]');
-- One.
select amount, available from credit_consume_batch('[{"ledger": "acme", "feature": "calls", "amount": -1}]');
rollback;
