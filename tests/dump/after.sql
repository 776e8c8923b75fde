-- What must hold in a restored database: \set before is a transaction id older than the restore.
\set ON_ERROR_STOP on
SELECT set_config('dump.before', :'before', false);
DO $$
DECLARE
    name text;
    oldest xid8;
    newest bigint;
    chat numeric;
    "all" numeric;
    left_over numeric;
BEGIN
    FOR name IN SELECT c.oid::regclass FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'xid'
        WHERE c.relnamespace = 'credit'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('SELECT xid FROM %s ORDER BY xid LIMIT 1', name) INTO oldest;
        ASSERT oldest > current_setting('dump.before')::xid8, format('%s: the stamps are old, or there are no rows', name);
        BEGIN
            EXECUTE format('DELETE FROM %s', name);
            ASSERT false, format('%s can be changed', name);
        EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
        END;
    END LOOP;

    ASSERT NOT credit_ingest('acme', 'tokens', 3.5, '2024-01-15Z', '{"model": "big"}', 'late'), 'a key is lost';
    ASSERT (SELECT count(*) FROM credit.grants) = (SELECT count(*) FROM credit.grants,
        credit_create_grant('acme', 'chat', 100.000000000001, effective_at => '2024-01-01Z', expires_after => '3 months',
            rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 90, idempotency_key => 'g1')), 'a key is lost';
    ASSERT (credit_reset('acme', '2024-02-01Z', idempotency_key => 'r1') ->> 'replayed')::boolean, 'a key is lost';

    ASSERT (SELECT replayed AND amount = 10.5 AND available < 1000 FROM credit_consume('acme', 'chat', 10.5, 's1', NULL, metadata => NULL)), 'a key is lost';
    ASSERT credit_reserve('acme', 'chat', 20, '10 years', 'h1', NULL, metadata => NULL) = (SELECT id FROM credit_list_holds('acme')), 'a key is lost';
    ASSERT (SELECT amount = 7 AND NOT replayed FROM credit_settle((SELECT id FROM credit_list_holds('acme')), 7)), 'a hold is lost';

    -- It goes on: new streams get new ids, and the old ones are found.
    newest := (SELECT max(id & 4294967295) FROM credit.streams);
    PERFORM credit_ingest('newcomer', 'tokens', 1, '2024-05-01Z');
    ASSERT (SELECT id & 4294967295 FROM credit.streams WHERE subject = 'newcomer') > newest, 'the sequence was set back';
    newest := (SELECT count(*) FROM credit.streams);
    PERFORM credit_ingest('acme', 'tokens', 1, '2024-05-01Z', '{"model": "big", "region": "r1"}');
    ASSERT (SELECT count(*) FROM credit.streams) = newest, 'a stream is not found';

    -- Numbers go on from what they were: a spend and an event change them by what they are, and what was lost on
    -- the way would be found by the keys above; other content under an old key is refused.
    chat := credit_available('acme', 'chat');
    "all" := credit_available('acme', 'all');
    left_over := (SELECT available FROM credit_consume('acme', 'chat', 2.25, 's2', '{"region": "r1"}'));
    ASSERT left_over = chat - 2.25, format('%s available, then %s', chat, left_over);
    PERFORM credit_ingest('acme', 'tokens', 1.5, dimensions => '{"model": "big"}');
    ASSERT credit_available('acme', 'chat') = chat - 3.75, format('%s available, then %s', chat, credit_available('acme', 'chat'));
    ASSERT credit_available('acme', 'all') = "all" - 3.75, format('%s available, then %s', "all", credit_available('acme', 'all'));
    ASSERT (SELECT replayed FROM credit_consume('acme', 'chat', 2.25, 's2', '{"region": "r1"}')), 'a new key is lost';
    BEGIN
        PERFORM credit_consume('acme', 'chat', 10.75, 's1');
        ASSERT false, 'a key of before has other content';
    EXCEPTION WHEN SQLSTATE 'UC104' THEN NULL;
    END;
    PERFORM credit_reset('acme', '2024-07-01Z');
END
$$;
-- Nothing gets behind a seal, and one that was not that far goes on.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{sealed,announced}'::text[] LOOP
        BEGIN
            PERFORM credit_ingest('acme', 'tokens', 1, '2024-01-17Z', namespace => name);
            ASSERT false, 'the seal is lost';
        EXCEPTION WHEN SQLSTATE 'UC207' THEN NULL;
        END;
    END LOOP;
END
$$;
CALL credit_retire('2024-01-18Z', namespace => 'announced');
CALL credit_retire('2024-01-19Z', namespace => 'sealed');
DO $$
BEGIN
    ASSERT NOT EXISTS (SELECT FROM credit.usage_events AS e JOIN credit.streams AS s ON s.id = e.stream_id JOIN credit.meters AS m ON m.id = s.meter_id
        WHERE m.namespace IN ('sealed', 'announced') AND e.occurred_at < '2024-01-18Z'), 'old events are left';
    ASSERT (SELECT array_agg(credit_available('acme', 'chat', '2024-01-21Z', name)) FROM unnest('{sealed,announced}'::text[]) AS name) = '{70,70}', 'the balance is another';
END
$$;
