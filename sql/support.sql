-- What the functions share: the namespace, new ids, checks of arguments, the shape of JSON details.
-- The checks return their value, so that a caller can write them around an argument.

CREATE FUNCTION credit.current_namespace(namespace text) RETURNS text
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'current_namespace_wrapper';

COMMENT ON FUNCTION credit.current_namespace(text) IS
'The namespace to work in: the argument, or for NULL the setting credit.namespace (itself default unless set). Refuses an empty one and one of more than 255 characters (22023).';

CREATE FUNCTION credit.new_id(namespace text, subject text) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'new_id_wrapper';

COMMENT ON FUNCTION credit.new_id(text, text) IS
'A new time-ordered UUID (v7), greater than all that this transaction took before. Its random part carries 32 bits of a hash of (namespace, subject); with both NULL it is all random.';

CREATE FUNCTION credit.check_name(value text, what text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = format('%s must not be null', what),
            DETAIL = format('The argument "%s" is NULL.', what),
            HINT = 'Give a text of 1 to 255 characters.';
    ELSIF value = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('%s must not be empty', what),
            DETAIL = format('The argument "%s" has 0 characters.', what),
            HINT = 'Give a text of 1 to 255 characters.';
    ELSIF length(value) > 255 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('%s is too long', what),
            DETAIL = format('The argument "%s" has %s characters.', what, length(value)),
            HINT = 'Give a text of 1 to 255 characters.';
    END IF;
    RETURN value;
END;
$$;

COMMENT ON FUNCTION credit.check_name(text, text) IS
'The value, if it is a text of 1 to 255 characters. NULL is 22004, anything else 22023; what is the name of the argument.';

CREATE FUNCTION credit.check_flag(value boolean, what text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = format('%s must not be null', what),
            DETAIL = format('The argument "%s" is NULL.', what),
            HINT = 'Give true or false, or leave it out.';
    END IF;
    RETURN value;
END;
$$;

COMMENT ON FUNCTION credit.check_flag(boolean, text) IS
'The value, if it is true or false. NULL is 22004; what is the name of the argument.';

CREATE FUNCTION credit.check_time(value timestamptz, what text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = format('%s must not be null', what),
            DETAIL = format('The argument "%s" is NULL.', what),
            HINT = 'Give a time in the years 1 to 9999.';
    ELSIF NOT isfinite(value) THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('%s must be finite', what),
            DETAIL = format('The argument "%s" is %s.', what, value),
            HINT = 'Give a time in the years 1 to 9999.';
    ELSIF value < '0001-01-01 00:00:00+00'::timestamptz
        OR value >= '10000-01-01 00:00:00+00'::timestamptz THEN
        RAISE EXCEPTION USING
            ERRCODE = '22003',
            MESSAGE = format('%s is out of range', what),
            DETAIL = format('The argument "%s" is %s.', what,
                to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z" BC')),
            HINT = 'Give a time in the years 1 to 9999.';
    END IF;
    RETURN value;
END;
$$;

COMMENT ON FUNCTION credit.check_time(timestamptz, text) IS
'The value, if it is a time in the years 1 to 9999 UTC. NULL is 22004, infinity 22023, another year 22003; what is the name of the argument.';

CREATE FUNCTION credit.check_string_map(value jsonb, what text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = format('%s must not be null', what),
            DETAIL = format('The argument "%s" is NULL.', what),
            HINT = 'Give a JSON object whose values are strings; {} for nothing.';
    ELSIF jsonb_typeof(value) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('%s must be a JSON object', what),
            DETAIL = format('The argument "%s" is of JSON type %s.', what, jsonb_typeof(value)),
            HINT = 'Give a JSON object whose values are strings, such as {"plan": "pro"}.';
    END IF;
    SELECT e.key, jsonb_typeof(e.value) AS type INTO wrong
    FROM jsonb_each(check_string_map.value) AS e
    WHERE jsonb_typeof(e.value) <> 'string'
    ORDER BY e.key
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = format('%s must have strings as values', what),
            DETAIL = format('The value of %s in the argument "%s" is of JSON type %s.',
                to_json(wrong.key), what, wrong.type),
            HINT = 'Write numbers and booleans as strings, such as {"seats": "5"}.';
    END IF;
    RETURN value;
END;
$$;

COMMENT ON FUNCTION credit.check_string_map(jsonb, text) IS
'The value, if it is a JSON object whose values are strings. NULL is 22004, anything else 22023; what is the name of the argument.';

CREATE FUNCTION credit.check_page(row_limit integer, row_offset integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_limit < 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = 'row_limit must not be negative',
            DETAIL = format('The argument "row_limit" is %s.', row_limit),
            HINT = 'Give the most rows wanted, or NULL for all.';
    ELSIF row_offset IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = 'row_offset must not be null',
            DETAIL = 'The argument "row_offset" is NULL.',
            HINT = 'Give the number of rows to skip, 0 for none.';
    ELSIF row_offset < 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = 'row_offset must not be negative',
            DETAIL = format('The argument "row_offset" is %s.', row_offset),
            HINT = 'Give the number of rows to skip, 0 for none.';
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.check_page(integer, integer) IS
'Refuses a page that cannot be: a negative row_limit or row_offset (22023), a row_offset of NULL (22004). A row_limit of NULL means all rows.';

CREATE FUNCTION credit.check_order(order_by text, allowed text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF order_by IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '22004',
            MESSAGE = 'order_by must not be null',
            DETAIL = 'The argument "order_by" is NULL.',
            HINT = format('Give one of %s.', array_to_string(allowed, ', '));
    ELSIF order_by <> ALL (allowed) THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = 'unknown order_by',
            DETAIL = format('The argument "order_by" is %s.', to_json(left(order_by, 255))),
            HINT = format('Give one of %s.', array_to_string(allowed, ', '));
    END IF;
    RETURN order_by;
END;
$$;

COMMENT ON FUNCTION credit.check_order(text, text[]) IS
'The value, if it is one of those allowed. NULL is 22004, anything else 22023.';

-- Only the canonical form of a UUID is an id; PostgreSQL reads other spellings too, and a subject
-- may well look like one of these.
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
