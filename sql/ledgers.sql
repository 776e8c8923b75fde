-- Ledgers: the credit accounts of subjects.

CREATE FUNCTION credit.ledger_json(ledger credit.ledgers) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object(
    'id', (ledger).id,
    'subject', (ledger).subject,
    'metadata', (ledger).metadata,
    'measureFrom', credit.rfc3339((ledger).measure_from),
    'createdAt', credit.rfc3339((ledger).created_at));

COMMENT ON FUNCTION credit.ledger_json(credit.ledgers) IS
'The ledger as error details show it: id, subject, metadata, measureFrom, createdAt.';

CREATE FUNCTION @extschema@.credit_create_ledger(
    subject text,
    metadata jsonb DEFAULT '{}',
    measure_from timestamptz DEFAULT NULL,
    if_not_exists boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.ledgers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    now_by_clock timestamptz := clock_timestamp();
    subject_as_id uuid := credit.uuid_or_null(subject);
    made credit.ledgers;
BEGIN
    PERFORM credit.check_name(subject, 'subject');
    PERFORM credit.check_string_map(metadata, 'metadata');
    PERFORM credit.check_given(if_not_exists IS NOT NULL, 'if_not_exists');
    IF measure_from IS NOT NULL THEN
        PERFORM credit.check_time(measure_from, 'measure_from');
    END IF;

    -- Two steps: few subjects look like an id, and for the others the query is not even planned.
    IF subject_as_id IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM credit.ledgers AS l
            WHERE l.id = subject_as_id AND l.namespace = tenant
        ) THEN
            RAISE EXCEPTION USING
                ERRCODE = '22023',
                MESSAGE = '"subject" must not be the id of a ledger',
                DETAIL = format('It is "%s", by which another ledger is found.', subject),
                HINT = 'Give the ledger another subject.';
        END IF;
    END IF;

    INSERT INTO credit.ledgers AS l (id, namespace, subject, metadata, measure_from, created_at)
    VALUES (
        credit.new_id(tenant, subject), tenant, subject, metadata,
        coalesce(
            measure_from,
            greatest(date_trunc('hour', now_by_clock, 'UTC'), credit.sealed_at(tenant))),
        now_by_clock)
    ON CONFLICT DO NOTHING
    RETURNING l.* INTO made;
    IF FOUND THEN
        -- Looked at after the insertion: whoever seals from now on waits for it.
        IF made.measure_from < credit.sealed_at(tenant) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'UC202',
                MESSAGE = 'time is before the seal',
                DETAIL = jsonb_build_object(
                    'error', 'high_watermark_before',
                    'subject', subject,
                    'at', credit.rfc3339(made.measure_from),
                    'sealedAt', credit.rfc3339(credit.sealed_at(tenant))),
                HINT = 'Measure from the seal or a later time: the usage before it may be gone.';
        END IF;
        RETURN made;
    END IF;

    -- Somebody was first. A statement of its own sees what they committed.
    SELECT l.* INTO made
    FROM credit.ledgers AS l
    WHERE l.namespace = tenant AND l.subject = credit_create_ledger.subject;
    IF if_not_exists
        AND made.metadata = metadata
        AND made.measure_from = coalesce(measure_from, made.measure_from) THEN
        RETURN made;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'UC101',
        MESSAGE = format('ledger for subject "%s" exists already', subject),
        DETAIL = jsonb_build_object(
            'error', 'ledger_already_exists',
            'namespace', tenant,
            -- Row-level policies may hide it.
            'ledger', CASE
                WHEN made.id IS NULL THEN jsonb_build_object('subject', subject)
                ELSE credit.ledger_json(made) END),
        HINT = CASE WHEN if_not_exists
            THEN 'Its metadata or start of measurement differs; read it with credit_get_ledger.'
            ELSE 'Use it; a subject has one ledger.' END;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_create_ledger(text, jsonb, timestamptz, boolean, text) IS
'Creates the ledger of a subject (1 to 255 characters, not the id of a ledger): metadata a JSON object whose values are strings, measure_from the start of measurement (years 1 to 9999; NULL: the start of the current hour, UTC, or the seal if that is later; before the seal it is UC202). Gives its row. If the subject has one: UC101, with it in the detail, or with if_not_exists the existing row, provided metadata and measure_from, where given, are equal. Bad input is 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_get_ledger(
    ledger text,
    namespace text DEFAULT NULL
) RETURNS credit.ledgers
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    found_ledger credit.ledgers;
BEGIN
    PERFORM credit.check_name(ledger, 'ledger');
    SELECT l.* INTO found_ledger
    FROM credit.ledgers AS l
    WHERE l.namespace = tenant AND l.subject = ledger;
    IF NOT FOUND THEN
        SELECT l.* INTO found_ledger
        FROM credit.ledgers AS l
        WHERE l.id = credit.uuid_or_null(ledger) AND l.namespace = tenant;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'UC001',
            MESSAGE = format('ledger "%s" not found', ledger),
            DETAIL = jsonb_build_object(
                'error', 'ledger_not_found', 'namespace', tenant, 'ledger', ledger),
            HINT = 'Create it with credit_create_ledger.';
    END IF;
    RETURN found_ledger;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_get_ledger(text, text) IS
'The ledger of that subject, else the ledger of that id. None: UC001; NULL: 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_list_ledgers(
    subjects text[] DEFAULT NULL,
    subject_like text DEFAULT NULL,
    order_by text DEFAULT 'created_at',
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.ledgers
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
BEGIN
    PERFORM credit.check_choice(order_by, '{created_at,id,subject}', 'order_by');
    PERFORM credit.check_page(row_limit, row_offset);
    RETURN QUERY
    SELECT l.*
    FROM credit.ledgers AS l
    WHERE l.namespace = tenant
        AND (subjects IS NULL OR l.subject = ANY (subjects))
        AND (subject_like IS NULL OR l.subject LIKE subject_like)
    ORDER BY
        CASE order_by WHEN 'created_at' THEN l.created_at END,
        CASE order_by WHEN 'subject' THEN l.subject END,
        l.id
    LIMIT row_limit OFFSET row_offset;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_list_ledgers(text[], text, text, integer, integer, text) IS
'The ledgers of the namespace, of these subjects and like this LIKE pattern (NULL: any), in the order of created_at, id or subject (order_by) and within it of id: row_limit (NULL: all) after the first row_offset. Another order_by and negative numbers are 22023. namespace NULL: the setting credit.namespace.';
