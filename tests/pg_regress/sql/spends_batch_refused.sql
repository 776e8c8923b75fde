-- A batch is all or nothing, and the error names the first bad element.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger('initech', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-01');
    perform credit_create_grant('initech', 'chat', 10, effective_at => '2024-01-01');
end;
$$;
select pg_temp.facts() as facts \gset
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 15}, {"ledger": "initech", "feature": "chat", "amount": 1}, {"ledger": "acme", "feature": "chat", "amount": 6}]');
\echo :LAST_ERROR_SQLSTATE
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}, {"ledger": "nobody", "feature": "chat", "amount": 1}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}, {"ledger": "acme", "feature": "nothing", "amount": 1}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}, {"ledger": "acme", "feature": "chat"}]');
select credit_consume_batch('[{"ledger": "acme", "amount": 1}]');
select credit_consume_batch('[{"feature": "chat", "amount": 1}]');
select credit_consume_batch('[{"ledger": "", "feature": "chat", "amount": 1}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": "NaN"}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1e15}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "overdraft": -1}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "overdraft": []}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "partial": true}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "idempotency_key": ""}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "dimensions": {"plan": "x"}}]');
select credit_consume_batch('[{"ledger": 1, "feature": "chat", "amount": 1}]');
select credit_consume_batch('[7]');
select credit_consume_batch('{}');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "idempotency_key": "k"}, {"ledger": "acme", "feature": "chat", "amount": 2, "idempotency_key": "k"}]');
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1, "idempotency_key": "k"}, {"ledger": "initech", "feature": "chat", "amount": 1, "idempotency_key": "k"}]');
select pg_temp.facts() = :'facts' as "nothing changed";
rollback;
