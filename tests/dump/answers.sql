-- All that the functions answer at fixed times, and all facts but their stamps, in a fixed order.
SET credit.namespace = 'default';
SELECT l.subject, t.at, credit_balance(l.subject, t.at, l.namespace)
FROM credit.ledgers AS l, (VALUES ('2024-01-10Z'::timestamptz), ('2024-02-10Z'), ('2024-06-01Z')) AS t (at)
WHERE credit.sealed_at(l.namespace) > t.at IS NOT TRUE
ORDER BY l.id, t.at;
SELECT l.subject, h.*
FROM credit.ledgers AS l, credit_history(l.subject, greatest('2024-01-01Z', credit.sealed_at(l.namespace)), '2024-06-01Z', granularity => 'WEEK', namespace => l.namespace)
    WITH ORDINALITY AS h
ORDER BY l.id, h.ordinality;
SELECT * FROM credit_list_grants(include_void => true);
SELECT credit_high_watermark(l.subject, l.namespace) FROM credit.ledgers AS l ORDER BY l.id;
SELECT f.name, u.* FROM (SELECT * FROM credit.features WHERE namespace = 'default') AS f, credit_usage('acme', f.id::text, '2024-01-01Z', '2024-06-01Z', 'MONTH') AS u
ORDER BY f.id, u.period;
SELECT to_jsonb(f) - 'xid' FROM credit_list_features(include_archived => true) AS f;
SELECT to_jsonb(m) - 'xid' FROM credit_list_meters() AS m;
SELECT to_jsonb(t) - 'xid' FROM credit.ledgers AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.grants AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.grant_voids AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.resets AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.streams AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.dimension_sets AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.usage_events AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.spends AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.holds AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.hold_ends AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.hold_lists AS t ORDER BY 1;
SELECT * FROM credit_list_holds('acme', include_closed => true);
SELECT l.subject, f.* FROM credit.ledgers AS l, credit_feature_balances(l.subject, namespace => l.namespace) AS f ORDER BY l.id, f.name;
SELECT to_jsonb(t) - 'xid' FROM credit.idempotency_keys AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.seals AS t ORDER BY 1;
SELECT to_jsonb(t) - 'xid' FROM credit.checkpoints AS t ORDER BY 1;
SELECT last_value, is_called FROM credit.intern_ids;
