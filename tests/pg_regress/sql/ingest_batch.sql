-- A batch is an array of objects that have the argument names; it is taken whole.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_ingest_batch('[
    {"subject": "acme", "meter": "tokens", "value": 1.5, "occurred_at": "2024-01-02T00:00:00Z"},
    {"subject": "acme", "meter": "tokens", "occurred_at": "2024-01-02T01:00:00+01:00", "dimensions": {"model": "m"}},
    {"subject": "acme", "meter": "tokens", "value": "0.000000000001", "occurred_at": "2024-01-02T00:00:00.000001Z", "idempotency_key": "k"},
    {"subject": "other", "meter": "tokens", "value": 7, "occurred_at": "2024-01-02T00:00:00Z"},
    {"subject": "acme", "meter": "tokens", "value": null, "occurred_at": "2024-01-03T00:00:00Z", "dimensions": null, "idempotency_key": null},
    {"subject": "acme", "meter": "tokens", "value": 1e2, "occurred_at": "2024-01-03T00:00:00Z"}]');
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
-- A replay inside of it is not counted.
select credit_ingest_batch('[
    {"subject": "acme", "meter": "tokens", "value": "0.000000000001", "occurred_at": "2024-01-02T00:00:00.000001Z", "idempotency_key": "k"},
    {"subject": "acme", "meter": "tokens", "value": 3, "occurred_at": "2024-01-03T00:00:00Z", "idempotency_key": "l"},
    {"subject": "acme", "meter": "tokens", "value": 3, "occurred_at": "2024-01-03T00:00:00Z", "idempotency_key": "l"}]');
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
select credit_ingest_batch('[]');
-- Without a time: the clock.
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}]');
select usage from credit_usage('acme', 'chat', from_time => '2024-02-01');
rollback;
