-- Features: what is sold.

CREATE FUNCTION credit.feature_json(feature credit.features) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_strip_nulls(jsonb_build_object(
    'id', (feature).id,
    'name', (feature).name,
    'meterSlug', (feature).meter_slug,
    'meterGroupByFilters', (feature).meter_group_by_filters,
    'archived', (feature).archived_at IS NOT NULL,
    'createdAt', credit.rfc3339((feature).created_at),
    'updatedAt', credit.rfc3339((feature).updated_at)));

COMMENT ON FUNCTION credit.feature_json(credit.features) IS
'The feature as JSON documents show it: id, name, meterSlug, meterGroupByFilters, archived, createdAt, updatedAt; absent values left out.';

CREATE FUNCTION credit.archive_feature(feature_id uuid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'archive_feature_wrapper';

COMMENT ON FUNCTION credit.archive_feature(uuid) IS
'Sets archived_at and updated_at of a feature that is not archived yet: the one change of a fact that there is. With the rights of the caller, who needs UPDATE on credit.features. For credit_delete_feature.';

-- An active feature of that name comes first; by its id, an archived one is found as well.
CREATE FUNCTION credit.find_feature(namespace text, feature text) RETURNS credit.features
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_feature credit.features;
BEGIN
    PERFORM credit.check_name(feature, 'feature');
    SELECT f.* INTO found_feature
    FROM credit.features AS f
    WHERE f.namespace = find_feature.namespace AND f.name = feature AND f.archived_at IS NULL;
    IF NOT FOUND THEN
        SELECT f.* INTO found_feature
        FROM credit.features AS f
        WHERE f.id = credit.uuid_or_null(feature) AND f.namespace = find_feature.namespace;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'UC002',
            MESSAGE = format('feature "%s" not found', feature),
            DETAIL = jsonb_build_object(
                'error', 'feature_not_found', 'namespace', namespace, 'feature', feature),
            HINT = 'Create it with credit_create_feature; an archived feature is found by its id'
                ' only.';
    END IF;
    RETURN found_feature;
END;
$$;

COMMENT ON FUNCTION credit.find_feature(text, text) IS
'The active feature of that name, else the feature, archived or not, of that id. None: UC002. The namespace is one that credit.current_namespace gave.';

CREATE FUNCTION @extschema@.credit_create_feature(
    name text,
    meter_slug text,
    meter_group_by_filters jsonb DEFAULT NULL,
    if_not_exists boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.features
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    now_by_clock timestamptz := clock_timestamp();
    name_as_id uuid := credit.uuid_or_null(name);
    filters jsonb;
    meter credit.meters;
    unknown jsonb;
    made credit.features;
BEGIN
    PERFORM credit.check_name(name, 'name');
    PERFORM credit.check_name(meter_slug, 'meter_slug');
    PERFORM credit.check_given(if_not_exists IS NOT NULL, 'if_not_exists');
    IF meter_group_by_filters IS NOT NULL THEN
        PERFORM credit.check_string_map(meter_group_by_filters, 'meter_group_by_filters');
        -- No filters and an empty set of filters are one thing and kept as one: NULL.
        filters := nullif(meter_group_by_filters, '{}');
    END IF;

    meter := credit.find_meter(tenant, meter_slug);

    SELECT jsonb_agg(k ORDER BY k COLLATE "C") INTO unknown
    FROM jsonb_object_keys(filters) AS k
    WHERE k <> ALL (meter.group_by);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'UC201',
            MESSAGE = format('filters on dimensions that meter "%s" does not have', meter_slug),
            DETAIL = jsonb_build_object(
                'error', 'feature_invalid_filters',
                'meter', meter_slug,
                'invalidFilters', unknown,
                'meterDimensions', to_jsonb(meter.group_by)),
            HINT = 'Filter on the dimensions that the meter was created with (group_by).';
    END IF;

    -- Two steps: few names look like an id, and for the others the query is not even planned.
    IF name_as_id IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM credit.features AS f
            WHERE f.id = name_as_id AND f.namespace = tenant
        ) THEN
            RAISE EXCEPTION USING
                ERRCODE = '22023',
                MESSAGE = '"name" must not be the id of a feature',
                DETAIL = format('It is "%s", by which another feature is found.', name),
                HINT = 'Give the feature another name.';
        END IF;
    END IF;

    -- Another round is needed only if who was first is archived in between; a row that stays unseen
    -- is hidden by row-level policies.
    FOR round IN 1..3 LOOP
        INSERT INTO credit.features AS f
            (id, namespace, name, meter_slug, meter_group_by_filters, created_at, updated_at)
        VALUES
            (credit.new_id(NULL, NULL), tenant, name, meter_slug, filters, now_by_clock,
            now_by_clock)
        ON CONFLICT DO NOTHING
        RETURNING f.* INTO made;
        IF FOUND THEN
            RETURN made;
        END IF;

        -- Somebody was first. A statement of its own sees what they committed.
        SELECT f.* INTO made
        FROM credit.features AS f
        WHERE f.namespace = tenant AND f.name = credit_create_feature.name
            AND f.archived_at IS NULL;
        EXIT WHEN FOUND;
    END LOOP;
    IF if_not_exists
        AND made.meter_slug = meter_slug
        AND made.meter_group_by_filters IS NOT DISTINCT FROM filters THEN
        RETURN made;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'UC102',
        MESSAGE = format('feature "%s" exists already', name),
        DETAIL = jsonb_build_object(
            'error', 'feature_with_name_already_exists',
            'namespace', tenant,
            'feature', CASE
                WHEN made.id IS NULL THEN jsonb_build_object('name', name)
                ELSE credit.feature_json(made) END),
        HINT = CASE WHEN if_not_exists
            THEN 'It is bound to another meter or other filters; archive it with'
                ' credit_delete_feature, or give this one another name.'
            ELSE 'Use it, archive it with credit_delete_feature, or give this one another name.'
            END;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_create_feature(text, text, jsonb, boolean, text) IS
'Creates a feature: name (1 to 255 characters, not the id of a feature), meter_slug of the meter that counts it, meter_group_by_filters a JSON object of dimension and value (strings; NULL or {}: all usage). Gives its row. No such meter: UC004. Filters on dimensions that the meter does not have: UC201. If an active one of that name exists: UC102, or with if_not_exists the existing row, provided meter and filters are equal. Bad input is 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_get_feature(
    feature text,
    namespace text DEFAULT NULL
) RETURNS credit.features
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN credit.find_feature(credit.current_namespace(namespace), feature);
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_get_feature(text, text) IS
'The active feature of that name, else the feature, archived or not, of that id. None: UC002; NULL: 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_list_features(
    include_archived boolean DEFAULT false,
    order_by text DEFAULT 'created_at',
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.features
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
BEGIN
    PERFORM credit.check_given(include_archived IS NOT NULL, 'include_archived');
    PERFORM credit.check_choice(order_by, '{created_at,updated_at,id,name}', 'order_by');
    PERFORM credit.check_page(row_limit, row_offset);
    RETURN QUERY
    SELECT f.*
    FROM credit.features AS f
    WHERE f.namespace = tenant AND (include_archived OR f.archived_at IS NULL)
    ORDER BY
        CASE order_by WHEN 'created_at' THEN f.created_at WHEN 'updated_at' THEN f.updated_at END,
        CASE order_by WHEN 'name' THEN f.name END,
        f.id
    LIMIT row_limit OFFSET row_offset;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_list_features(boolean, text, integer, integer, text) IS
'The features of the namespace, archived ones only with include_archived, in the order of created_at, updated_at, id or name (order_by) and within it of id: row_limit (NULL: all) after the first row_offset. Another order_by and negative numbers are 22023. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_delete_feature(
    feature text,
    namespace text DEFAULT NULL
) RETURNS credit.features
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant text := credit.current_namespace(namespace);
    archived credit.features := credit.find_feature(tenant, feature);
BEGIN
    IF archived.archived_at IS NULL THEN
        PERFORM credit.archive_feature(archived.id);
        SELECT f.* INTO archived FROM credit.features AS f WHERE f.id = archived.id;
    END IF;
    IF archived.archived_at IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '42501',
            MESSAGE = format('permission denied for feature "%s"', feature),
            DETAIL = 'A row-level policy on credit.features does not let it be updated.';
    END IF;
    RETURN archived;
END;
$$;

COMMENT ON FUNCTION @extschema@.credit_delete_feature(text, text) IS
'Archives a feature, given by name or id: from now on it is found by its id only and takes no grant; balances keep it, and its name is free for another. Gives its row. One that is archived already stays as it is. Needs UPDATE on credit.features. None: UC002; NULL: 22004. namespace NULL: the setting credit.namespace.';
