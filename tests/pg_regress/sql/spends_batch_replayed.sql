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
select count(*), sum(amount), credit_available('acme', 'chat') from credit.spends;
rollback;
