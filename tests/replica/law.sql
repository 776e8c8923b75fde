-- pgbench, on the standby: under one MVCC snapshot, usage as the functions give it is what lies in the table. (Of the
-- accounts that nobody resets.)
\set n random(1, 4)
SELECT 1 / (f.usage = (
    SELECT sum(e.value) FROM credit.streams AS s JOIN credit.meters AS m ON m.id = s.meter_id
    JOIN credit.usage_events AS e ON e.stream_id = s.id WHERE s.subject = 's' || :n AND m.slug = 'tokens'))::integer
FROM credit_feature_balances('s' || :n, '2100-01-01Z') AS f WHERE f.name = 'all';
