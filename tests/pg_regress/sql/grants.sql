-- A grant as it is given, with every argument and with as few as possible.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select jsonb_pretty(to_jsonb(g) - '{id,ledger_id,feature_id,created_at,updated_at}'::text[]) as row
from credit_create_grant('acme', 'chat', 12.5, 7, '2024-01-05 06:00', expires_after => '3 months',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 10, recurs_every => '1 week',
    recurrence_anchor => '2024-01-01 00:00', metadata => '{"name": "all", "plan": "pro"}',
    idempotency_key => 'k1') as g;
select jsonb_pretty(jsonb_strip_nulls(to_jsonb(g) - '{id,ledger_id,feature_id,created_at,updated_at,effective_at}'::text[])) as row,
    g.effective_at = g.created_at as effective_now,
    g.created_at = g.updated_at as not_changed,
    g.created_at between now() and clock_timestamp() as created_by_the_clock
from credit_create_grant('acme', 'chat', 1) as g;
-- By ids, in named notation, expiring at a time.
select l.id as ledger, f.id as feature from credit_get_ledger('acme') l, credit_get_feature('chat') f
\gset
select g.amount, g.expires_at, g.expires_after, g.ledger_id = :'ledger' as ledger, g.feature_id = :'feature' as feature
from credit_create_grant(ledger => :'ledger', feature => :'feature', amount => 0.000000000001,
    effective_at => '2024-01-01', expires_at => '2024-01-01 00:00:00.000001') as g;
-- The largest and the last.
select amount, priority, effective_at
from credit_create_grant('acme', 'chat', 999999999999999.999999999999, 255, '9999-12-31 23:59:59.999999');
select amount, priority from credit_create_grant('acme', 'chat', 1, 0, '2024-01-01');
-- The start of measurement is the first possible time.
select effective_at from credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01 00:00');
-- Each is found again, as it was given.
select count(*), bool_and(credit_get_grant(g.id) = g) as same from credit_list_grants('{acme}') as g;
rollback;
