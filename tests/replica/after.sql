-- After the promotion, here and there: the same calls, and what they come to. No ids and no clock in the output.
\pset null -
SET credit.snapshot_interval = 1;
SELECT credit_ingest('s1', 'tokens', 4, '2024-02-01Z', '{"model": "big"}', 'known');
SELECT credit_ingest('s' || n, 'tokens', n, '2024-03-01Z', '{"model": "big"}', 'new' || n) FROM generate_series(1, 8) AS n;
SELECT replayed, amount FROM credit_consume('s1', 'big', 3.25, 'spent', overdraft => 1000000);
SELECT amount, available, replayed FROM generate_series(1, 8) AS n,
    credit_consume('s' || n, 'big', 1.5, 'spent here' || n, overdraft => 1000000000);
SELECT s.amount, s.available FROM generate_series(1, 8) AS n,
    credit_list_holds('s' || n, 'big') AS h, credit_settle(h.id, n / 2.0, overdraft => 1000000000) AS s;
SELECT amount FROM credit_create_grant('s1', 'all', 100, effective_at => '2024-01-01Z', expires_after => '1 year',
    rollover_type => 'REMAINING_AMOUNT', idempotency_key => 'g1all');
SELECT credit_reset('s' || n, '2024-01-15Z') -> 'replayed' FROM generate_series(5, 6) AS n;
SELECT credit_maintain() > 0;
SELECT l.subject, f.name, f.balance, f.usage, f.overage, f.available, f.held
FROM credit_list_ledgers() AS l, credit_feature_balances(l.subject) AS f ORDER BY 1, 2;
SELECT l.subject, h.type, h.amount, h.balance_after, h.overage_after FROM credit_list_ledgers() AS l,
    credit_history(l.subject, granularity => 'MONTH') WITH ORDINALITY AS h WHERE l.subject < 's7'
ORDER BY l.subject, h.ordinality;
