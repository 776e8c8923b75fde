-- Every function that reads, about every account. \set now is a time after everything that was written.
SELECT credit_available(l.subject, f, t), credit_available(l.subject, f)
FROM credit_list_ledgers() AS l, unnest('{all,big,calls}'::text[]) AS f, (VALUES ('2024-06-01Z'::timestamptz), (:'now')) AS t (t);
SELECT l.subject, credit_balance(l.subject, t) FROM credit_list_ledgers() AS l, (VALUES ('2024-06-01Z'::timestamptz), (:'now')) AS t (t);
SELECT l.subject, f.* FROM credit_list_ledgers() AS l, credit_feature_balances(l.subject, :'now') AS f;
SELECT l.subject, f.* FROM credit_list_ledgers() AS l, credit_feature_balances(l.subject) AS f;
SELECT l.subject, g.* FROM credit_list_ledgers() AS l, credit_grant_balances(l.subject, :'now') AS g;
SELECT * FROM credit_ledger_balances(at => :'now') ORDER BY subject, name;
SELECT l.subject, h.* FROM credit_list_ledgers() AS l,
    credit_history(l.subject, '2024-01-01Z', :'now', granularity => 'MONTH') WITH ORDINALITY AS h WHERE l.subject < 's7'
ORDER BY l.subject, h.ordinality;
SELECT l.subject, h.* FROM credit_list_ledgers() AS l, credit_history(l.subject, to_time => :'now') WITH ORDINALITY AS h
ORDER BY l.subject, h.ordinality;
SELECT l.subject, f, u.* FROM credit_list_ledgers() AS l, unnest('{all,big,calls}'::text[]) AS f,
    credit_usage(l.subject, f, '2024-01-01Z', :'now', 'WEEK') AS u;
SELECT l.subject, credit_high_watermark(l.subject) FROM credit_list_ledgers() AS l;
SELECT g.*, credit_get_grant(g.id) FROM credit_list_grants(include_void => true) AS g;
SELECT h.* FROM credit_list_ledgers() AS l, credit_list_holds(l.subject, include_closed => true) AS h;
SELECT f.*, credit_get_feature(f.name) FROM credit_list_features(include_archived => true) AS f;
SELECT m.*, credit_get_meter(m.slug) FROM credit_list_meters() AS m;
SELECT credit_get_ledger(l.subject) FROM credit_list_ledgers() AS l;
SELECT * FROM credit.stat_ledgers ORDER BY subject;
