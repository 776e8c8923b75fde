-- What 0.1.0 answers, and all facts with their stamps, in a fixed order: an update changes nothing of it. Columns that
-- are NULL are left out, so that a later version may add some.
SELECT l.subject, t.at, credit_balance(l.subject, t.at, l.namespace)
FROM credit.ledgers AS l, (VALUES ('2024-01-10Z'::timestamptz), ('2024-02-10Z'), ('2024-06-01Z')) AS t (at)
ORDER BY l.id, t.at;
SELECT l.subject, jsonb_strip_nulls(to_jsonb(h))
FROM credit.ledgers AS l, credit_history(l.subject, '2024-01-01Z', '2024-06-01Z', granularity => 'WEEK', namespace => l.namespace)
    WITH ORDINALITY AS h
ORDER BY l.id, h.ordinality;
SELECT jsonb_strip_nulls(to_jsonb(g)) FROM credit_list_grants(include_void => true) AS g;
SELECT credit_high_watermark(l.subject, l.namespace) FROM credit.ledgers AS l ORDER BY l.id;
SELECT f.name, jsonb_strip_nulls(to_jsonb(u))
FROM credit.features AS f, credit_usage('acme', f.id::text, '2024-01-01Z', '2024-06-01Z', 'MONTH') AS u
ORDER BY f.id, u.period;
SELECT jsonb_strip_nulls(to_jsonb(f)) FROM credit_list_features(include_archived => true) AS f;
SELECT jsonb_strip_nulls(to_jsonb(m)) FROM credit_list_meters() AS m;
SELECT jsonb_strip_nulls(to_jsonb(h)) FROM credit_list_holds('acme', include_closed => true) AS h;
SELECT jsonb_strip_nulls(to_jsonb(b)) FROM credit_ledger_balances() AS b ORDER BY 1;
SELECT l.subject, jsonb_strip_nulls(to_jsonb(f))
FROM credit.ledgers AS l, credit_feature_balances(l.subject, namespace => l.namespace) AS f ORDER BY l.id, f.name;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.meters AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.features AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.ledgers AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.grants AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.grant_voids AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.resets AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.streams AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.dimension_sets AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.usage_events AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.spends AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.holds AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.hold_ends AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.hold_lists AS t ORDER BY 1;
SELECT jsonb_strip_nulls(to_jsonb(t)) FROM credit.idempotency_keys AS t ORDER BY 1;
SELECT last_value, is_called FROM credit.intern_ids;
