-- A batch that is sent again: what has a key is spent once, wherever it was spent.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select amount, available, replayed from credit_consume('acme', 'chat', 5, 'one');
create temp table sent as select '[
    {"ledger": "acme", "feature": "chat", "amount": 5, "idempotency_key": "one"},
    {"ledger": "acme", "feature": "chat", "amount": 7, "idempotency_key": "two", "metadata": {"call": "2"}},
    {"ledger": "acme", "feature": "chat", "amount": 7.0, "idempotency_key": "two", "metadata": {"call": "2"}},
    {"ledger": "acme", "feature": "chat", "amount": 1}
]'::jsonb as batch;
select c.amount, c.available, c.replayed from sent, credit_consume_batch(batch) as c;
select c.amount, c.available, c.replayed from sent, credit_consume_batch(batch) as c;
select amount, available, replayed from credit_consume('acme', 'chat', 7, 'two', metadata => '{"call": "2"}');
select credit_consume('acme', 'chat', 7, 'two');
-- In one batch, too, the feature may be named by its id, and the dimensions that it filters by be given or not.
select id as chat from credit_get_feature('chat') \gset
select name from credit_create_feature('large', 'tokens', '{"model": "large"}');
select c.amount, c.replayed from credit_consume_batch(jsonb_build_array(
    jsonb_build_object('ledger', 'acme', 'feature', 'chat', 'amount', 3, 'idempotency_key', 'three'),
    jsonb_build_object('ledger', 'acme', 'feature', :'chat', 'amount', 3, 'idempotency_key', 'three'),
    jsonb_build_object('ledger', 'acme', 'feature', 'large', 'amount', 4, 'overdraft', 4, 'idempotency_key', 'four'),
    jsonb_build_object('ledger', 'acme', 'feature', 'large', 'amount', 4, 'idempotency_key', 'four', 'dimensions', '{"model": "large"}'::jsonb)
)) as c;
select count(*), sum(amount), credit_available('acme', 'chat') from credit.spends;
rollback;
