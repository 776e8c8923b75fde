-- pgbench: everything that writes, singly and together, with savepoints, and transactions that stay open for a while.
\set n random(1, 8)
\set hour random(0, 20000)
\set value random(1, 100000)
\set reset random(7, 8)
\set kind random(1, 100)
SET credit.snapshot_interval = 8;
\if :kind <= 30
SELECT credit_ingest('s' || :n, 'tokens', :value / 1000.0, '2024-01-01Z'::timestamptz + :hour * interval '1 hour', '{"model": "big"}');
\elif :kind <= 40
SELECT credit_ingest('s' || :n, 'calls');
\elif :kind <= 50
SELECT credit_ingest_arrays(array_agg('s' || i), array_agg('tokens'::text), array_agg(:value / 1000.0 + i)) FROM generate_series(1, 8) AS i;
\elif :kind <= 65
SELECT credit_consume('s' || :n, 'big', :value / 1000.0, overdraft => 1000000000);
\elif :kind <= 75
SELECT credit_settle(credit_reserve('s' || :n, 'all', :value / 1000.0, overdraft => 1000000000), :value / 2000.0, overdraft => 1000000000);
\elif :kind <= 80
SELECT credit_reserve('s' || :n, 'all', :value / 1000.0, '1 day', overdraft => 1000000000);
\elif :kind <= 85
SELECT credit_create_grant('s' || :n, 'all', :value / 1000.0, 0, '2024-12-01Z'::timestamptz + :hour * interval '1 hour')
WHERE :n < 7;
\elif :kind <= 87
SELECT credit_reset('s' || :reset, preserve_overage => true);
\else
BEGIN;
SELECT credit_ingest('s' || :n, 'tokens', :value / 1000.0, NULL, '{"model": "small"}');
SAVEPOINT one;
SELECT credit_ingest('s' || :n, 'tokens', 7);
\sleep 20 ms
ROLLBACK TO one;
SAVEPOINT two;
SELECT credit_ingest('s' || :n, 'tokens', :value / 500.0);
\sleep 20 ms
COMMIT;
\endif
