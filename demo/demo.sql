-- A month of three customers: run it with bin/demo, or from the top of the checkout in a database of its own with
--   psql -X -f demo/demo.sql
-- All times are fixed and UTC, so the output is the same each time; tests/demo/expected.out holds it.

\set ON_ERROR_STOP on
\pset footer off
\pset null ''
SET timezone = 'UTC';
SET client_min_messages = warning;

CREATE EXTENSION credit;

\echo
\echo '=== 1. What is counted and what is sold ==='
\echo 'Two meters: "tokens" is a sum (in 1,000 tokens, three decimals, by model), "api-calls" counts events.'
\echo 'The feature "large-model" is usage of "tokens" with model = large; small models are free.'
\echo
SELECT slug, aggregation, group_by FROM credit_create_meter('tokens', group_by => '{model}')
UNION ALL
SELECT slug, aggregation, group_by FROM credit_create_meter('api-calls', 'COUNT');
SELECT name, meter_slug, meter_group_by_filters
FROM credit_create_feature('large-model', 'tokens', meter_group_by_filters => '{"model": "large"}')
UNION ALL
SELECT name, meter_slug, meter_group_by_filters FROM credit_create_feature('calls', 'api-calls');

-- What follows gives the rows it makes, with ids that differ from run to run: not shown
\o /dev/null
SELECT credit_create_ledger('acme', measure_from => '2024-01-01');
SELECT credit_create_ledger('globex', measure_from => '2024-01-01');
SELECT credit_create_ledger('initech', measure_from => '2024-01-01');

-- acme: an allowance of which the rest rolls over, and calls that are refilled each month
SELECT credit_create_grant('acme', 'large-model', 1000, effective_at => '2024-01-01', expires_after => '2 months',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 300, metadata => '{"name": "allowance January"}');
SELECT credit_create_grant('acme', 'calls', 1000, effective_at => '2024-01-01', recurs_every => '1 month',
    metadata => '{"name": "calls, monthly"}');

-- globex: a smaller allowance, a bonus by mistake, a top-up that burns after the allowance, a debit
SELECT credit_create_grant('globex', 'large-model', 500, effective_at => '2024-01-01', expires_after => '2 months',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 300, metadata => '{"name": "allowance January"}');
SELECT credit_create_grant('globex', 'large-model', 100, priority => 9, effective_at => '2024-01-08',
    metadata => '{"name": "bonus"}');
SELECT credit_void_grant(id, voided_at => '2024-01-15')
FROM credit_list_grants('{globex}') WHERE metadata ->> 'name' = 'bonus';
SELECT credit_create_grant('globex', 'large-model', 300, priority => 2, effective_at => '2024-01-15',
    rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "top-up"}');
SELECT credit_create_grant('globex', 'large-model', -40, effective_at => '2024-01-29',
    metadata => '{"name": "debit"}');

-- initech: a trial of 14 days; a week after its end they buy
SELECT credit_create_grant('initech', 'large-model', 150, effective_at => '2024-01-01', expires_after => '14 days',
    metadata => '{"name": "trial"}');
SELECT credit_create_grant('initech', 'large-model', 100, effective_at => '2024-01-22',
    metadata => '{"name": "starter pack"}');
\o

-- How the demonstration calls a grant: ids differ from run to run
CREATE TEMP VIEW grant_names AS
SELECT id, priority, effective_at, expires_at, amount, voided_at, recurs_every, rollover_type, rollover_max_amount,
    (SELECT subject FROM credit_list_ledgers() AS l WHERE l.id = g.ledger_id) AS customer,
    concat(metadata ->> 'name', CASE WHEN parent_id IS NOT NULL THEN ', rolled over' END) AS name
FROM credit_list_grants(include_void => true) AS g;

\echo
\echo '=== 2. What was granted in January ==='
\echo 'Lower priority burns first. The bonus was a mistake and is void from 15 January on, unused.'
\echo
SELECT customer, name, amount, priority AS prio, effective_at::date AS from, expires_at::date AS until,
    concat_ws(' ', rollover_type, 'up to ' || rollover_max_amount) AS rollover,
    recurs_every AS refill, voided_at::date AS void
FROM grant_names ORDER BY customer, grant_names.effective_at, priority, name;

\echo
\echo '=== 3. The usage: demo/usage.csv ==='
CREATE TEMP TABLE usage_file (
    subject text, meter text, value numeric, occurred_at timestamptz, dimensions jsonb, idempotency_key text);
\copy usage_file FROM 'demo/usage.csv' WITH (FORMAT csv, HEADER)
\echo 'Taken at the first load, and when the same file is loaded once more (each event has an idempotency key):'
\echo
SELECT credit_ingest_arrays(
    subjects => array_agg(subject), meters => array_agg(meter), amounts => array_agg(value),
    occurred_ats => array_agg(occurred_at), idempotency_keys => array_agg(idempotency_key),
    dimensions => array_agg(dimensions)) AS events_taken
FROM usage_file;
SELECT credit_ingest_arrays(
    subjects => array_agg(subject), meters => array_agg(meter), amounts => array_agg(value),
    occurred_ats => array_agg(occurred_at), idempotency_keys => array_agg(idempotency_key),
    dimensions => array_agg(dimensions)) AS taken_again
FROM usage_file;

\echo
\echo 'Usage a week, from Monday: as credit_usage gives it, and as the file says (the last week of January has 3 days)'
\echo
SELECT customer, feature, lower(period)::date AS from, upper(period)::date AS to, usage,
    (SELECT CASE feature WHEN 'calls' THEN count(*) ELSE trim_scale(sum(value)) END
     FROM usage_file AS f
     WHERE f.subject = customer AND period @> f.occurred_at
         AND CASE feature WHEN 'calls' THEN f.meter = 'api-calls' ELSE f.dimensions @> '{"model": "large"}' END
    ) AS in_the_file
FROM (VALUES ('acme', 'large-model'), ('acme', 'calls'), ('globex', 'large-model'), ('initech', 'large-model'))
    AS v (customer, feature),
    credit_usage(customer, feature, '2024-01-01', '2024-02-01', granularity => 'WEEK')
ORDER BY customer, feature DESC, period;

\echo
\echo '=== 4. What was available, on any day ==='
\echo 'balance - overage, as of 00:00 of that day ("21 Jan": its last microsecond)'
\echo 'globex   8 Jan 500 - 150 + bonus 100; 15 Jan 500 - 310 + top-up 300, bonus void'
\echo 'initech  21 Jan: the trial has expired, 25 were used since; 22 Jan: a starter pack of 100 pays them'
\echo
SELECT customer, feature,
    credit_available(customer, feature, '2024-01-01') AS "1 Jan",
    credit_available(customer, feature, '2024-01-08') AS "8 Jan",
    credit_available(customer, feature, '2024-01-15') AS "15 Jan",
    credit_available(customer, feature, '2024-01-21 23:59:59.999999') AS "21 Jan",
    credit_available(customer, feature, '2024-01-22') AS "22 Jan",
    credit_available(customer, feature, '2024-01-29') AS "29 Jan",
    credit_available(customer, feature, '2024-02-01') AS "1 Feb"
FROM (VALUES ('acme', 'large-model'), ('acme', 'calls'), ('globex', 'large-model'), ('initech', 'large-model'))
    AS v (customer, feature);

\echo
\echo '=== 5. The month ends: reset at 1 February and the allowances of February, in one transaction ==='
\echo 'acme     large-model  1000 - (180+170+190+160+60) = 240 roll over'
\echo 'acme     calls        1000 - (150+140+160+130+70) = 350 are forfeited, then refilled to 1000'
\echo 'globex   allowance    500 - (150+160+170+20) = 0; top-up 300 - (100+50) - debit 40 = 110 roll over'
\echo 'initech  trial        150 - (50+40) = 60 expired; starter pack 100 - 25 owed - (30+10) = 35 are forfeited'
\echo
BEGIN;
SELECT customer, jsonb_array_length(r -> 'grants') AS grants_rolled_over, r ->> 'replayed' AS replayed
FROM (VALUES ('acme'), ('globex'), ('initech')) AS v (customer),
    credit_reset(customer, effective_at => '2024-02-01') AS r
ORDER BY customer;
\o /dev/null
SELECT credit_create_grant(customer, 'large-model', amount, effective_at => '2024-02-01',
    expires_after => '2 months', rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 300,
    metadata => '{"name": "allowance February"}')
FROM (VALUES ('acme', 1000), ('globex', 500)) AS v (customer, amount);
\o
COMMIT;

\echo
\echo 'Balances of each feature, then of each grant, at 1 February 00:00'
\echo
SELECT customer, name AS feature, balance, usage, overage, available
FROM (VALUES ('acme'), ('globex'), ('initech')) AS v (customer),
    credit_feature_balances(customer, '2024-02-01')
ORDER BY customer, name DESC;
SELECT v.customer, feature, name AS grant, g.amount, balance, g.priority AS prio,
    g.effective_at::date AS from, g.expires_at::date AS until
FROM (VALUES ('acme'), ('globex'), ('initech')) AS v (customer),
    credit_grant_balances(v.customer, '2024-02-01') AS g
    JOIN grant_names AS n ON n.id = g.grant_id
ORDER BY v.customer, feature DESC, g.priority, g.expires_at, name DESC;

\echo
\echo '=== 6. The history of January ==='
\echo 'Usage by week. amount changes the balance, owed the overage; both are followed by the running state.'
\echo
-- Each row in the order in which credit_history gives it
CREATE FUNCTION pg_temp.january(customer text, feature text)
RETURNS TABLE (at text, what text, "grant" text, amount numeric, balance numeric, owed numeric, owed_after numeric)
LANGUAGE sql STABLE AS $$
    SELECT to_char(h.at, 'DD Mon'), h.type, n.name, h.amount, h.balance_after, h.overage, h.overage_after
    FROM credit_history(customer, '2024-01-01', '2024-02-01 00:00:00.000001', granularity => 'WEEK')
        WITH ORDINALITY AS h
        LEFT JOIN grant_names AS n ON n.id = h.grant_id
    WHERE h.feature_id IS NULL OR h.feature_id = (credit_get_feature(feature)).id
    ORDER BY h.ordinality
$$;
\echo 'acme, large-model'
SELECT * FROM pg_temp.january('acme', 'large-model');
\echo 'acme, calls'
SELECT * FROM pg_temp.january('acme', 'calls');
\echo 'globex, large-model'
SELECT * FROM pg_temp.january('globex', 'large-model');
\echo 'initech, large-model'
SELECT * FROM pg_temp.january('initech', 'large-model');

\echo
\echo '=== 7. A late event: acme used 90 on 30 January, and we hear of it on 12 February ==='
\echo 'It counts as if it had come in time: 240 - 90 = 150 roll over. Since then 75 were used:'
\echo 'before 240 - 75 = 165 are left of it, after 150 - 75 = 75.'
\echo
\echo 'Before: what rolled over, and the balances at 12 February'
SELECT name AS grant, g.amount, balance
FROM credit_grant_balances('acme', '2024-02-12') AS g JOIN grant_names AS n ON n.id = grant_id
WHERE feature = 'large-model' ORDER BY g.amount;
SELECT name AS feature, balance, usage, overage, available
FROM credit_feature_balances('acme', '2024-02-12') ORDER BY name DESC;

SELECT credit_ingest('acme', 'tokens', 90, '2024-01-30 12:00', '{"model": "large"}', 'acme-late') AS taken;

\echo 'After'
SELECT name AS grant, g.amount, balance
FROM credit_grant_balances('acme', '2024-02-12') AS g JOIN grant_names AS n ON n.id = grant_id
WHERE feature = 'large-model' ORDER BY g.amount;
SELECT name AS feature, balance, usage, overage, available
FROM credit_feature_balances('acme', '2024-02-12') ORDER BY name DESC;
\echo 'The end of acme''s January now reads'
SELECT * FROM pg_temp.january('acme', 'large-model') WHERE at >= '29 Jan' OR at = '01 Feb';
\echo 'The monthly job run once more changes nothing'
SELECT jsonb_array_length(r -> 'grants') AS grants_rolled_over, r ->> 'replayed' AS replayed
FROM credit_reset('acme', effective_at => '2024-02-01') AS r;

\echo
\echo '=== 8. The check: the history of all six weeks adds up to the balances of 12 February ==='
\echo
SELECT customer, b.name AS feature, sum(h.amount) AS history_adds_up_to, b.balance, sum(h.overage) AS owed_adds_up_to,
    b.overage, sum(h.amount) = b.balance AND sum(h.overage) = b.overage AS right
FROM (VALUES ('acme'), ('globex'), ('initech')) AS v (customer),
    credit_history(customer, '2024-01-01', '2024-02-12') AS h
    JOIN credit_feature_balances(customer, '2024-02-12') AS b USING (feature_id)
GROUP BY customer, b.name, b.balance, b.overage
ORDER BY customer, b.name DESC;
