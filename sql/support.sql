-- What the functions share: the namespace, new ids, checks of arguments, the shape of JSON details.
-- The checks say what src/error.rs and src/settings.rs say in the same case.
--
-- Search paths: functions in PL/pgSQL set their own, those in SQL are resolved when they are made,
-- and the statements of those in Rust name the schema of everything.

CREATE FUNCTION credit.current_namespace(namespace text) RETURNS text
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'current_namespace_wrapper';

COMMENT ON FUNCTION credit.current_namespace(text) IS
'The namespace to work in: the argument, or for NULL the setting credit.namespace (itself default unless set). Refuses an empty one and one of more than 255 characters (22023).';

CREATE FUNCTION credit.sealed_at(namespace text) RETURNS timestamptz
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sealed_at_wrapper';

COMMENT ON FUNCTION credit.sealed_at(text) IS
'The seal of a namespace (NULL: the setting credit.namespace): the time that credit_retire was called with last, as of now, whatever the snapshot of the transaction sees. NULL where nothing is sealed.';

CREATE FUNCTION credit.new_id(namespace text, subject text) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'new_id_wrapper';

COMMENT ON FUNCTION credit.new_id(text, text) IS
'A new time-ordered UUID (v7), greater than all that this transaction took before. Its random part carries 32 bits of a hash of (namespace, subject); with both NULL it is all random.';

CREATE FUNCTION credit.check_given(given boolean, what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT given THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = format('"%s" must not be null', what),
            DETAIL = format('The argument "%s" is NULL.', what),
            HINT = 'Give a value, or leave the argument out if it has a default.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_given(boolean, text) IS
'Refuses an argument that is NULL (given is false) and must not be: 22004. what is its name.';

CREATE FUNCTION credit.check_name(value text, what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit.check_given(value IS NOT NULL, what);
    IF value = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('"%s" must not be empty', what),
            DETAIL = 'It has 0 characters.',
            HINT = 'Give a text of 1 to 255 characters.';
    ELSIF length(value) > 255 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('"%s" is too long', what),
            DETAIL = format('It has %s characters.', length(value)),
            HINT = 'Give a text of 1 to 255 characters.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_name(text, text) IS
'Refuses what is not a text of 1 to 255 characters: NULL is 22004, anything else 22023. what is the name of the argument.';

CREATE FUNCTION credit.check_choice(value text, allowed text[], what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit.check_given(value IS NOT NULL, what);
    IF value <> ALL (allowed) THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('unknown "%s"', what),
            DETAIL = format('It is %s.', to_json(left(value, 255))),
            HINT = format('Give one of %s.', array_to_string(allowed, ', '));
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_choice(text, text[], text) IS
'Refuses what is not one of the texts allowed: NULL is 22004, anything else 22023. what is the name of the argument.';

CREATE FUNCTION credit.check_time(value timestamptz, what text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit.check_given(value IS NOT NULL, what);
    IF value < '0001-01-01 00:00:00+00'::timestamptz
        OR value >= '10000-01-01 00:00:00+00'::timestamptz THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('"%s" is out of range', what),
            DETAIL = format('It is %s.', value),
            HINT = 'Give a time in the years 1 to 9999.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_time(timestamptz, text) IS
'Refuses what is not a time in the years 1 to 9999 UTC: NULL is 22004, infinity and other years 22023. what is the name of the argument.';

CREATE FUNCTION credit.check_string_map(value jsonb, what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM credit.check_given(value IS NOT NULL, what);
    IF jsonb_typeof(value) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('"%s" must be a JSON object', what),
            DETAIL = format('It is of JSON type %s.', jsonb_typeof(value)),
            HINT = 'Give an object whose values are strings, such as {"plan": "pro"}.';
    END IF;
    SELECT e.key, jsonb_typeof(e.value) AS type INTO wrong
    FROM jsonb_each(check_string_map.value) AS e
    WHERE jsonb_typeof(e.value) <> 'string'
    ORDER BY e.key COLLATE "C"
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('"%s" must map strings to strings', what),
            DETAIL = format('The value of %s is of JSON type %s.',
                to_json(left(wrong.key, 255)), wrong.type),
            HINT = 'Quote it: write numbers and booleans as strings.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_string_map(jsonb, text) IS
'Refuses what is not a JSON object whose values are strings: NULL is 22004, anything else 22023. what is the name of the argument.';

CREATE FUNCTION credit.check_page(row_limit integer, row_offset integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit.check_given(row_offset IS NOT NULL, 'row_offset');
    IF row_limit < 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"row_limit" must not be negative',
            DETAIL = format('It is %s.', row_limit),
            HINT = 'Give the number of rows wanted at most, or NULL for all.';
    ELSIF row_offset < 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"row_offset" must not be negative',
            DETAIL = format('It is %s.', row_offset),
            HINT = 'Give the number of rows to skip, 0 for none.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_page(integer, integer) IS
'Refuses a page that cannot be: a negative row_limit or row_offset is 22023, a row_offset of NULL 22004. A row_limit of NULL means all rows.';

-- Only the canonical spelling of a UUID is an id. PostgreSQL reads others too; a subject may be any
-- of these.
CREATE FUNCTION credit.uuid_or_null(value text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN value::uuid
END;

COMMENT ON FUNCTION credit.uuid_or_null(text) IS
'The UUID that a text of 36 characters (8-4-4-4-12 hexadecimal digits, any case) spells, else NULL.';

CREATE FUNCTION credit.rfc3339(value timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN rtrim(rtrim(to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.')
    || 'Z';

COMMENT ON FUNCTION credit.rfc3339(timestamptz) IS
'The time as JSON documents write it: RFC 3339 in UTC, up to 6 decimals of a second and none that are zero at the end. NULL gives NULL.';
