-- Meters: what is counted.

CREATE FUNCTION credit.meter_json(meter credit.meters) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object(
    'id', (meter).id,
    'slug', (meter).slug,
    'aggregation', (meter).aggregation,
    'groupBy', to_jsonb((meter).group_by),
    'createdAt', credit.rfc3339((meter).created_at));

COMMENT ON FUNCTION credit.meter_json(credit.meters) IS
'The meter as error details show it: id, slug, aggregation, groupBy, createdAt.';

CREATE FUNCTION credit.check_dimensions(group_by text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest integer;
    twice text;
BEGIN
    PERFORM credit.check_given(group_by IS NOT NULL, 'group_by');
    IF array_ndims(group_by) > 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"group_by" must be a plain array',
            DETAIL = format('It has %s array dimensions.', array_ndims(group_by)),
            HINT = 'Give an array of names, such as {region,model}.';
    ELSIF array_position(group_by, NULL) IS NOT NULL OR '' = ANY (group_by) THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"group_by" must not contain an empty name',
            DETAIL = 'One of its elements is NULL or has 0 characters.',
            HINT = 'Give each dimension a name of 1 to 255 characters.';
    END IF;
    SELECT max(length(d)) INTO longest FROM unnest(group_by) AS d;
    IF longest > 255 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"group_by" contains a name that is too long',
            DETAIL = format('It has %s characters.', longest),
            HINT = 'Give each dimension a name of 1 to 255 characters.';
    END IF;
    SELECT d INTO twice
    FROM unnest(group_by) WITH ORDINALITY AS u (d, n)
    GROUP BY d
    HAVING count(*) > 1
    ORDER BY min(n)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"group_by" names a dimension twice',
            DETAIL = format('It contains %s more than once.', to_json(twice)),
            HINT = 'Name each dimension once.';
    END IF;
    -- Subscripts from 1, whatever those of the argument are.
    RETURN ARRAY (SELECT d FROM unnest(group_by) WITH ORDINALITY AS u (d, n) ORDER BY n);
END;
$$;

COMMENT ON FUNCTION credit.check_dimensions(text[]) IS
'The dimensions of a meter, if they are distinct names of 1 to 255 characters. NULL is 22004; more than one array dimension, a NULL, an empty, a longer or a repeated name 22023.';

CREATE FUNCTION @extschema@.credit_create_meter(
    slug text,
    aggregation text DEFAULT 'SUM',
    group_by text[] DEFAULT '{}',
    if_not_exists boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.meters
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    dimensions text[] := credit.check_dimensions(group_by);
    made credit.meters;
BEGIN
    PERFORM credit.check_name(slug, 'slug');
    PERFORM credit.check_choice(aggregation, '{SUM,COUNT}', 'aggregation');
    PERFORM credit.check_given(if_not_exists IS NOT NULL, 'if_not_exists');

    INSERT INTO credit.meters AS m (id, namespace, slug, aggregation, group_by, created_at)
    VALUES (credit.new_id(NULL, NULL), tenant, slug, aggregation, dimensions, clock_timestamp())
    ON CONFLICT DO NOTHING
    RETURNING m.* INTO made;
    IF FOUND THEN
        RETURN made;
    END IF;

    -- Somebody was first. A statement of its own sees what they committed.
    SELECT m.* INTO made
    FROM credit.meters AS m
    WHERE m.namespace = tenant AND m.slug = credit_create_meter.slug;
    IF if_not_exists
        AND made.aggregation = aggregation
        AND made.group_by @> dimensions AND made.group_by <@ dimensions THEN
        RETURN made;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'UC103',
        MESSAGE = format('meter "%s" exists already', slug),
        DETAIL = jsonb_build_object(
            'error', 'meter_already_exists',
            'namespace', tenant,
            -- Row-level policies may hide it.
            'meter', CASE
                WHEN made.id IS NULL THEN jsonb_build_object('slug', slug)
                ELSE credit.meter_json(made) END),
        HINT = CASE WHEN if_not_exists
            THEN 'It counts in another way; give this one another slug.'
            ELSE 'Use it, or give this one another slug.' END;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_create_meter(text, text, text[], boolean, text) IS
'Creates a meter: slug (1 to 255 characters), aggregation SUM (of values) or COUNT (of events), group_by the dimensions its usage may carry. Gives its row. If one of that slug exists: UC103, or with if_not_exists the existing row, provided aggregation and dimensions (in any order) are equal. Bad input is 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION credit.find_meter(namespace text, slug text) RETURNS credit.meters
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_meter credit.meters;
BEGIN
    SELECT m.* INTO found_meter
    FROM credit.meters AS m
    WHERE m.namespace = find_meter.namespace AND m.slug = find_meter.slug;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'UC004',
            MESSAGE = format('meter "%s" not found', slug),
            DETAIL = jsonb_build_object(
                'error', 'meter_not_found', 'namespace', namespace, 'meter', slug),
            HINT = 'Create it with credit_create_meter.';
    END IF;
    RETURN found_meter;
END;
$$;

COMMENT ON FUNCTION credit.find_meter(text, text) IS
'The meter of that slug. None: UC004. The namespace is one that credit.current_namespace gave, the slug one that credit.check_name let pass.';

CREATE FUNCTION @extschema@.credit_get_meter(
    slug text,
    namespace text DEFAULT NULL
) RETURNS credit.meters
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
BEGIN
    PERFORM credit.check_name(slug, 'slug');
    RETURN credit.find_meter(tenant, slug);
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_get_meter(text, text) IS
'The meter of that slug. None: UC004; NULL: 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_list_meters(
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.meters
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
BEGIN
    PERFORM credit.check_page(row_limit, row_offset);
    RETURN QUERY
    SELECT m.*
    FROM credit.meters AS m
    WHERE m.namespace = tenant
    ORDER BY m.created_at, m.id
    LIMIT row_limit OFFSET row_offset;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_list_meters(integer, integer, text) IS
'The meters of the namespace in the order of their creation: row_limit (NULL: all) after the first row_offset. Negative ones are 22023. namespace NULL: the setting credit.namespace.';
