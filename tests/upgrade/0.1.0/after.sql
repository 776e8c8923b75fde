-- After the update it goes on: keys protect, holds can be settled, usage and spends count, facts stay append-only.
DO $$
DECLARE
    name text;
    before numeric;
    newest bigint;
BEGIN
    FOR name IN SELECT c.oid::regclass FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'xid'
        WHERE c.relnamespace = 'credit'::regnamespace AND c.relkind = 'r'
    LOOP
        BEGIN
            EXECUTE format('DELETE FROM %s', name);
            ASSERT false, format('%s can be changed', name);
        EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
        END;
    END LOOP;

    ASSERT NOT credit_ingest('acme', 'tokens', 3.5, '2024-01-15Z', '{"model": "big"}', 'late'), 'a key is lost';
    ASSERT (credit_create_grant('acme', 'chat', 100.000000000001, effective_at => '2024-01-01Z', expires_after => '3 months',
        rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 90, idempotency_key => 'g1')).id
        = (SELECT ref FROM credit.idempotency_keys WHERE scope = 'grant' AND key = 'g1'), 'a key is lost';
    ASSERT (credit_reset('acme', '2024-02-01Z', idempotency_key => 'r1') ->> 'replayed')::boolean, 'a key is lost';
    ASSERT (SELECT replayed AND amount = 10.5 FROM credit_consume('acme', 'chat', 10.5, 's1', NULL, metadata => NULL)), 'a key is lost';
    ASSERT credit_reserve('acme', 'chat', 20, '10 years', 'h1', NULL, metadata => NULL) = (SELECT id FROM credit_list_holds('acme')), 'a key is lost';
    ASSERT (SELECT amount = 7 AND NOT replayed FROM credit_settle((SELECT id FROM credit_list_holds('acme')), 7)), 'a hold is lost';

    before := credit_available('acme', 'chat');
    PERFORM credit_ingest('acme', 'tokens', 2.25, dimensions => '{"model": "big"}');
    PERFORM credit_consume('acme', 'chat', 1.5);
    ASSERT credit_available('acme', 'chat') = before - 3.75, 'usage does not count';
    newest := (SELECT max(id & 4294967295) FROM credit.streams);
    PERFORM credit_ingest('newcomer', 'tokens', 1, '2024-05-01Z');
    ASSERT (SELECT id & 4294967295 FROM credit.streams WHERE subject = 'newcomer') > newest, 'the sequence was set back';
    PERFORM credit_reset('acme', '2024-07-01Z');
END
$$;
-- Snapshots are taken again, and change nothing.
\set balances 'SELECT string_agg(f::text, E''\\n'' ORDER BY l.id, f.name) AS balances FROM credit.ledgers AS l, credit_feature_balances(l.id::text, ''2024-06-30Z'', l.namespace) AS f'
:balances \gset before_
SELECT credit_ingest_batch((SELECT jsonb_agg('{"subject": "acme", "meter": "calls", "occurred_at": "2024-07-02T00:00:00Z"}'::jsonb)
    FROM generate_series(1, 2000)));
SELECT 1 / (count(*) > 0)::integer AS a_snapshot_is_taken FROM credit.snapshots;
:balances \gset after_
SELECT 1 / (:'before_balances' = :'after_balances')::integer AS balances_stay;
