-- What is measured, and the plain tables beside it.

SET client_min_messages = warning;
CREATE EXTENSION credit;
SELECT credit_create_meter('tokens', group_by => '{model,region}');
SELECT credit_create_feature('assistant', 'tokens');
SELECT credit_create_feature('large-model', 'tokens', '{"model": "m1"}');

CREATE SCHEMA bench;

-- The start of a year of whole months, the last of which has ended.
CREATE FUNCTION bench.start() RETURNS timestamptz LANGUAGE sql STABLE
RETURN date_trunc('month', now(), 'UTC') - interval '12 months';

-- An event is a function of its number, and some of its dimensions of five models in four regions.
CREATE FUNCTION bench.value(n bigint) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN 0.001 * (1 + n * 7919 % 99991);

CREATE FUNCTION bench.dimensions(n bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('model', 'm' || n % 5, 'region', 'r' || n % 4);

-- A year of a customer, in the order in which it happens: each month an allowance of which some rolls
-- over, its usage, and at its end a reset; besides a refill and a top-up. Batches of 10,000 events;
-- the last 100 events one by one, for that is how they come.
CREATE PROCEDURE bench.load_history(customer text, events bigint) LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz := bench.start();
    singles bigint := least(100, events / 10);
    batched bigint := events - singles;
    month_start timestamptz;
    month_end timestamptz;
    first bigint;
    last bigint;
BEGIN
    PERFORM credit_create_ledger(customer, measure_from => start);
    PERFORM credit_create_grant(customer, 'large-model', events, effective_at => start,
        recurs_every => '1 month');
    PERFORM credit_create_grant(customer, 'assistant', events, effective_at => start,
        priority => 9, rollover_type => 'REMAINING_AMOUNT');
    FOR month IN 0..11 LOOP
        month_start := start + month * interval '1 month';
        month_end := start + (month + 1) * interval '1 month';
        PERFORM credit_create_grant(customer, 'assistant', 5 * events, effective_at => month_start,
            expires_after => '2 months', rollover_type => 'REMAINING_AMOUNT',
            rollover_max_amount => events);
        first := batched * month / 12;
        last := batched * (month + 1) / 12;
        FOR batch IN first..last - 1 BY 10000 LOOP
            PERFORM credit_ingest_arrays(
                array_agg(customer), array_agg('tokens'::text), array_agg(bench.value(n)),
                array_agg(month_start + (month_end - month_start) * ((n - first)::float8 / (last - first))),
                dimensions => array_agg(bench.dimensions(n)))
            FROM generate_series(batch, least(batch + 10000, last) - 1) AS n;
            COMMIT;
        END LOOP;
        PERFORM credit_reset(customer, month_end);
        COMMIT;
    END LOOP;
    PERFORM credit_create_grant(customer, 'assistant', 5 * events, effective_at => month_end,
        expires_after => '2 months', rollover_type => 'REMAINING_AMOUNT');
    FOR n IN batched..events - 1 LOOP
        PERFORM credit_ingest(customer, 'tokens', bench.value(n), dimensions => bench.dimensions(n));
        COMMIT;
    END LOOP;
END;
$$;

-- Many customers with one grant each; their usage comes mixed.
CREATE PROCEDURE bench.load_users(users bigint, events bigint) LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz := bench.start();
BEGIN
    FOR u IN 1..users LOOP
        PERFORM credit_create_ledger('user-' || u, measure_from => start);
        PERFORM credit_create_grant('user-' || u, 'assistant', 1e9, effective_at => start);
        IF u % 1000 = 0 THEN COMMIT; END IF;
    END LOOP;
    FOR batch IN 0..events - 1 BY 10000 LOOP
        PERFORM credit_ingest_arrays(
            array_agg('user-' || 1 + n * 7919 % users), array_agg('tokens'::text),
            array_agg(bench.value(n)), array_agg(start + interval '365 days' * (n::float8 / events)))
        FROM generate_series(batch, least(batch + 10000, events) - 1) AS n;
        COMMIT;
    END LOOP;
END;
$$;

-- A customer with so many events and 20 active grants, all of which a read has to look at.
CREATE PROCEDURE bench.load_spender(customer text, events bigint) LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz := bench.start();
BEGIN
    PERFORM credit_create_ledger(customer, measure_from => start);
    FOR n IN 1..20 LOOP
        PERFORM credit_create_grant(customer, 'assistant', 1e9, priority => n, effective_at => start);
    END LOOP;
    COMMIT;
    FOR batch IN 0..events - 1 BY 10000 LOOP
        PERFORM credit_ingest_arrays(
            array_agg(customer), array_agg('tokens'::text), array_agg(bench.value(n)),
            array_agg(start + interval '365 days' * (n::float8 / events)))
        FROM generate_series(batch, least(batch + 10000, events) - 1) AS n;
        COMMIT;
    END LOOP;
END;
$$;

-- The plain side, made from the same events: what one would write without the extension.
CREATE SCHEMA plain;

CREATE TABLE plain.customers (id bigint PRIMARY KEY, subject text NOT NULL UNIQUE);

-- The shape of credit.usage_events, its index and its rows, nothing else.
CREATE TABLE plain.events (LIKE credit.usage_events);
ALTER TABLE plain.events ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX ON plain.events (stream_id, xid);

-- Keys that an event may have once.
CREATE TABLE plain.keys (key text PRIMARY KEY);

-- The usage of the histories, with the best index for summing it.
CREATE TABLE plain.usage (customer bigint NOT NULL, occurred_at timestamptz NOT NULL, value numeric NOT NULL);
CREATE INDEX ON plain.usage (customer, occurred_at) INCLUDE (value);

-- A balance kept in a column.
CREATE TABLE plain.wallets (
    subject text, feature text, balance numeric NOT NULL, PRIMARY KEY (subject, feature));

-- The same by number, with a log of what was taken.
CREATE TABLE plain.purses (id bigint PRIMARY KEY, balance numeric NOT NULL);
CREATE TABLE plain.log (purse bigint NOT NULL, amount numeric NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON plain.log (purse, at);

-- What bulk calls load: rows, and the same as the text that a client would send.
CREATE TABLE plain.bulk (customer bigint, subject text, meter text, value numeric, occurred_at timestamptz);
CREATE TABLE plain.bulk_document (events text);

CREATE PROCEDURE bench.copy_to_plain(bulk_events bigint) LANGUAGE plpgsql AS $$
DECLARE
    wrong text;
BEGIN
    -- user-N is customer N; the histories come after them
    INSERT INTO plain.customers
    SELECT row_number() OVER (ORDER BY (substring(subject FROM '^user-(.*)'))::bigint NULLS LAST, created_at), subject
    FROM credit_list_ledgers();
    INSERT INTO plain.events (stream_id, xid, occurred_at, dims_id, value)
    SELECT c.id, e.xid, e.occurred_at, e.dims_id, e.value
    FROM credit.usage_events AS e
    JOIN credit.streams AS s ON s.id = e.stream_id
    JOIN plain.customers AS c USING (subject);
    INSERT INTO plain.usage
    SELECT c.id, e.occurred_at, e.value
    FROM plain.events AS e
    JOIN plain.customers AS c ON c.id = e.stream_id
    WHERE c.subject LIKE 'history-%';
    -- The extension and the plain side must be about the same events.
    SELECT string_agg(subject, ', ') INTO wrong
    FROM plain.customers AS c,
        LATERAL (SELECT count(*), sum(value) FROM plain.usage WHERE customer = c.id) AS plain,
        LATERAL (SELECT sum(usage) FROM credit_usage(subject, 'assistant', bench.start())) AS ours
    WHERE subject LIKE 'history-%' AND (plain.count <> substring(subject FROM 9)::bigint OR plain.sum <> ours.sum);
    ASSERT wrong IS NULL, format('other events than meant: %s', wrong);
    INSERT INTO plain.wallets SELECT subject, 'assistant', 1e9 FROM plain.customers;
    INSERT INTO plain.purses SELECT id, 1e9 FROM plain.customers;
    INSERT INTO plain.bulk
    SELECT 1 + n % u.count, 'user-' || 1 + n % u.count, 'tokens', bench.value(n), now() - n * interval '1 second'
    FROM (SELECT count(*) FROM plain.customers WHERE subject LIKE 'user-%') AS u,
        generate_series(1, bulk_events) AS n;
    INSERT INTO plain.bulk_document
    SELECT json_agg(json_build_object(
        'subject', subject, 'meter', meter, 'value', value, 'occurred_at', occurred_at))
    FROM plain.bulk;
END;
$$;
