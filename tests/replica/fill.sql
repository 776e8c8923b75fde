-- Eight accounts: the last two are reset now and then by load.sql, of the others all usage counts.
SELECT credit_create_meter('tokens', group_by => '{model}');
SELECT credit_create_meter('calls', 'COUNT');
SELECT credit_create_feature('all', 'tokens');
SELECT credit_create_feature('big', 'tokens', '{"model": "big"}');
SELECT credit_create_feature('calls', 'calls');
SELECT credit_create_ledger('s' || n, measure_from => '2024-01-01Z') FROM generate_series(1, 8) AS n;
SELECT credit_create_grant('s' || n, f, 100 * n, effective_at => '2024-01-01Z', expires_after => '1 year',
    rollover_type => 'REMAINING_AMOUNT', idempotency_key => 'g' || n || f)
FROM generate_series(1, 8) AS n, unnest('{all,big,calls}'::text[]) AS f;
SELECT credit_create_grant('s' || n, 'all', 50, 0, '2024-01-05Z', recurs_every => '1 month') FROM generate_series(1, 8) AS n;
SELECT credit_ingest_arrays(array_agg('s' || i % 8 + 1), array_agg('tokens'::text), array_agg(i / 1000.0),
    array_agg('2024-01-01Z'::timestamptz + i * interval '1 hour'), NULL,
    array_agg(jsonb_build_object('model', CASE i % 2 WHEN 0 THEN 'big' ELSE 'small' END)))
FROM generate_series(1, 16000) AS i;
SELECT credit_ingest('s1', 'tokens', 4, '2024-02-01Z', '{"model": "big"}', 'known');
SELECT credit_consume('s1', 'big', 3.25, 'spent', overdraft => 1000000);
SELECT credit_reserve('s' || n, 'big', n, '10 years', 'held' || n, overdraft => 1000000) FROM generate_series(1, 8) AS n;
