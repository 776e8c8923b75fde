-- Some of everything, so that a dump that loses something gives other answers.
SELECT credit_create_meter('tokens', group_by => '{model,region}');
SELECT credit_create_meter('calls', 'COUNT');
SELECT credit_create_feature('chat', 'tokens', '{"model": "big"}');
SELECT credit_create_feature('all', 'tokens');
SELECT credit_create_feature('calls', 'calls');
SELECT credit_create_feature('old', 'calls');
SELECT credit_create_ledger(subject, '{"plan": "pro"}', '2024-01-01Z', namespace => namespace)
FROM (VALUES ('acme', NULL), ('O''Brien & "söhne" \ 😀', NULL), ('acme', 'other')) AS v (subject, namespace);
SELECT credit_create_grant('acme', 'chat', 100.000000000001, effective_at => '2024-01-01Z', expires_after => '3 months',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 90, idempotency_key => 'g1');
SELECT credit_create_grant('acme', 'chat', 50, 0, '2024-01-05Z', expires_at => '2024-01-20Z', metadata => '{"a": "b"}');
SELECT credit_create_grant('acme', 'all', 1000, effective_at => '2024-01-01Z', recurs_every => '1 month',
    recurrence_anchor => '2024-01-31Z', rollover_type => 'ORIGINAL_AMOUNT');
SELECT credit_create_grant('acme', 'all', -25, effective_at => '2024-01-03Z');
SELECT credit_create_grant('acme', 'old', 5, effective_at => '2024-01-01Z');
SELECT credit_void_grant(id, '2024-01-02Z')
FROM credit_create_grant('acme', 'calls', 7, effective_at => '2024-01-01Z');
SELECT credit_ingest_batch(jsonb_agg(jsonb_build_object(
    'subject', CASE WHEN i % 7 = 0 THEN 'O''Brien & "söhne" \ 😀' ELSE 'acme' END,
    'meter', CASE WHEN i % 5 = 0 THEN 'calls' ELSE 'tokens' END,
    'value', CASE WHEN i % 5 = 0 THEN 1 ELSE i / 1000.0 END,
    'occurred_at', to_char('2024-01-01Z'::timestamptz + i * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'idempotency_key', CASE WHEN i % 11 = 0 THEN 'e' || i END,
    'dimensions', CASE WHEN i % 5 = 0 THEN '{}'::jsonb
        ELSE jsonb_build_object('model', CASE WHEN i % 2 = 0 THEN 'big' ELSE 'small' END, 'region', 'r' || i % 3) END)))
FROM generate_series(1, 2000) AS i;
SELECT credit_reset('acme', '2024-02-01Z', idempotency_key => 'r1');
SELECT credit_reset('acme', '2024-03-01Z', preserve_overage => true);
SELECT credit_ingest('acme', 'tokens', 3.5, '2024-01-15Z', '{"model": "big"}', 'late');
SELECT credit_delete_feature('old');
SELECT credit_create_grant('acme', 'chat', 1000, effective_at => '2024-06-01Z');
SELECT credit_consume('acme', 'chat', 10.5, 's1', '{"region": "r1"}', metadata => '{"call": "17"}');
SELECT credit_consume('acme', 'all', 1, overdraft => 1000);
SELECT credit_reserve('acme', 'chat', 20, '10 years', 'h1', '{"region": "r1"}', metadata => '{"call": "18"}');
SELECT credit_settle(credit_reserve('acme', 'all', 3, overdraft => 1000), n, overdraft => 1000) FROM generate_series(0, 20) AS n;
SELECT credit_release(credit_reserve('acme', 'chat', 1));
-- A namespace that is sealed and whose old events are gone, and one that is not that far.
SELECT credit_create_meter('tokens', namespace => namespace), credit_create_feature('chat', 'tokens', namespace => namespace),
    credit_create_ledger('acme', measure_from => '2024-01-01Z', namespace => namespace)
FROM unnest('{sealed,announced}'::text[]) AS namespace;
SELECT credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01Z', rollover_type => 'REMAINING_AMOUNT', namespace => namespace),
    credit_ingest('acme', 'tokens', 10, '2024-01-10Z', namespace => namespace),
    credit_ingest('acme', 'tokens', 20, '2024-01-20Z', namespace => namespace), credit_reset('acme', '2024-01-15Z', namespace => namespace)
FROM unnest('{sealed,announced}'::text[]) AS namespace;
CALL credit_retire('2024-01-18Z', namespace => 'sealed');
SELECT credit.announce_seal('2024-01-18Z', 'announced');
