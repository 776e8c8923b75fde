-- credit 0.1.0: the install script, as it was released. Frozen: nobody changes this file any more.
-- It is what bin/freeze made of the files in sql/ of that time.

-- The schema of the tables, and the two functions that the tables themselves need.

\echo Use "CREATE EXTENSION credit" to load this file. \quit

-- While this script runs, names mean PostgreSQL's own objects: otherwise a function that somebody
-- planted in the schema of the extension could be bound into ours, and run with their callers'
-- rights. CREATE EXTENSION puts the path back.
SET LOCAL search_path = pg_catalog, pg_temp;

-- The script itself is ASCII, so that it gets here in any encoding.
DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION USING
            ERRCODE = '0A000',
            MESSAGE = 'extension "credit" needs a database with encoding UTF8',
            DETAIL = format('The encoding of this one is %s.', current_setting('server_encoding')),
            HINT = 'Create the database with ENCODING ''UTF8''.';
    END IF;
END;
$$;

-- Not IF NOT EXISTS: a schema of this name that somebody else made is not ours to trust.
CREATE SCHEMA credit;

COMMENT ON SCHEMA credit IS
'Tables and internals of the extension credit. Call the functions named credit_* instead of writing here: facts are append-only.';

-- IMMUTABLE is not true and is wanted: only so may a generated column call it. A generated column
-- cannot be set by hand, is left out of dumps and of logical replication, and is computed where the
-- row is written (by COPY, pg_restore --disable-triggers and logical apply too), so the stamp always
-- names a transaction of this cluster. The expression is evaluated when a statement starts to run,
-- never kept in a plan. PARALLEL UNSAFE: it assigns a transaction id.
CREATE FUNCTION credit.stamp() RETURNS xid8
LANGUAGE c IMMUTABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stamp_wrapper';

COMMENT ON FUNCTION credit.stamp() IS
'The id of the transaction that runs, assigned if it had none: the value of the generated column xid of every table here. Labelled IMMUTABLE on purpose, so that a generated column may call it; of no use elsewhere.';

CREATE FUNCTION credit.refuse_change() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'refuse_change_wrapper';

COMMENT ON FUNCTION credit.refuse_change() IS
'Trigger: refuses UPDATE, DELETE and TRUNCATE of append-only tables. Only a change that the extension itself makes passes.';

-- The facts. What they all have in common, and why:
-- * Append-only: statement-level triggers refuse UPDATE, DELETE and TRUNCATE (origin only, so that
--   logical apply passes), the only exceptions being made by the extension's own functions.
-- * xid says which transaction wrote the row, in this cluster: see credit.stamp.
-- * No foreign keys and no validating triggers: pg_restore -j loads tables in any order, and would
--   load nothing. What refers to what is checked by the functions that write.
-- * CHECK constraints are immutable and look at one row only, for the same reason.
-- * Tables of facts have REPLICA IDENTITY FULL, whether or not they have a key: a publication then
--   never refuses what the extension does.
-- * Every table is dumped with its rows (pg_extension_config_dump).

CREATE TABLE credit.meters (
    id uuid PRIMARY KEY,
    namespace text NOT NULL,
    slug text NOT NULL,
    aggregation text NOT NULL,
    group_by text[] NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    UNIQUE (namespace, slug),
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (length(slug) BETWEEN 1 AND 255),
    CHECK (aggregation IN ('SUM', 'COUNT')),
    CHECK (array_position(group_by, NULL) IS NULL)
);

COMMENT ON TABLE credit.meters IS
'What is counted. A meter never changes.';
COMMENT ON COLUMN credit.meters.id IS 'Identity, a time-ordered UUID (v7).';
COMMENT ON COLUMN credit.meters.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.meters.slug IS 'The name by which usage and features refer to the meter, 1 to 255 characters, unique in the namespace.';
COMMENT ON COLUMN credit.meters.aggregation IS 'SUM: usage is the sum of the values. COUNT: every event counts 1, or -1 to take one back.';
COMMENT ON COLUMN credit.meters.group_by IS 'The dimensions that its usage may carry, in the order given; empty for none.';
COMMENT ON COLUMN credit.meters.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.meters.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.meters
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.meters IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.meters', '');

CREATE TABLE credit.features (
    id uuid PRIMARY KEY,
    namespace text NOT NULL,
    name text NOT NULL,
    meter_slug text NOT NULL,
    meter_group_by_filters jsonb,
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (length(name) BETWEEN 1 AND 255),
    CHECK (jsonb_typeof(meter_group_by_filters) = 'object')
);

COMMENT ON TABLE credit.features IS
'What is sold: a name bound to a meter and, optionally, to values of its dimensions. Facts but for archiving, which credit_delete_feature does.';
COMMENT ON COLUMN credit.features.id IS 'Identity, a time-ordered UUID (v7).';
COMMENT ON COLUMN credit.features.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.features.name IS '1 to 255 characters, unique among the active features of the namespace.';
COMMENT ON COLUMN credit.features.meter_slug IS 'The meter whose usage burns its grants: credit.meters.slug of the same namespace.';
COMMENT ON COLUMN credit.features.meter_group_by_filters IS 'A JSON object of dimension and value: only usage that carries all of these counts. NULL: all usage of the meter.';
COMMENT ON COLUMN credit.features.archived_at IS 'When it was archived; NULL while it is active. An archived feature stays in balances, is found by id only and takes no grant.';
COMMENT ON COLUMN credit.features.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.features.updated_at IS 'created_at, or archived_at once it is archived.';
COMMENT ON COLUMN credit.features.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE UNIQUE INDEX features_active_name_key ON credit.features (namespace, name)
    WHERE archived_at IS NULL;

COMMENT ON INDEX credit.features_active_name_key IS 'One active feature of a name.';

CREATE INDEX features_meter_idx ON credit.features (namespace, meter_slug);

COMMENT ON INDEX credit.features_meter_idx IS 'The features that usage of a meter burns.';

ALTER TABLE credit.features REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.features
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.features IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.features', '');

CREATE TABLE credit.ledgers (
    id uuid PRIMARY KEY,
    namespace text NOT NULL,
    subject text NOT NULL,
    metadata jsonb NOT NULL,
    measure_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    UNIQUE (namespace, subject),
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (length(subject) BETWEEN 1 AND 255),
    CHECK (jsonb_typeof(metadata) = 'object'),
    CHECK (measure_from >= '0001-01-01 00:00:00+00' AND measure_from < '10000-01-01 00:00:00+00'),
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);

COMMENT ON TABLE credit.ledgers IS
'The credit account of one subject: a customer, a user, a device. The row is what mutations of the ledger lock; it never changes.';
COMMENT ON COLUMN credit.ledgers.id IS 'Identity, a time-ordered UUID (v7) with 32 bits of a hash of (namespace, subject) in its random part.';
COMMENT ON COLUMN credit.ledgers.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.ledgers.subject IS 'Whose account it is, 1 to 255 characters, unique in the namespace.';
COMMENT ON COLUMN credit.ledgers.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.ledgers.measure_from IS 'The start of measurement: usage before it is stored and never counted, and nothing acts before it.';
COMMENT ON COLUMN credit.ledgers.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.ledgers.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.ledgers REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.ledgers
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.ledgers IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.ledgers', '');

CREATE TABLE credit.grants (
    id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    feature_id uuid NOT NULL,
    parent_id uuid,
    reset_id uuid,
    amount numeric,
    priority smallint NOT NULL,
    effective_at timestamptz NOT NULL,
    expires_at timestamptz,
    expiration_count integer,
    expiration_duration text,
    rollover_type text,
    rollover_max_amount numeric,
    recurrence_count integer,
    recurrence_duration text,
    recurrence_anchor timestamptz,
    metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK ((parent_id IS NULL) = (reset_id IS NULL)),
    CHECK ((amount IS NULL) = (reset_id IS NOT NULL)),
    CHECK (amount <> 0 AND amount > -1e15 AND amount < 1e15 AND min_scale(amount) <= 12),
    CHECK (priority BETWEEN 0 AND 255),
    CHECK (effective_at >= '0001-01-01 00:00:00+00' AND effective_at < '10000-01-01 00:00:00+00'),
    CHECK (expires_at >= '0001-01-01 00:00:00+00' AND expires_at < '10000-01-01 00:00:00+00'),
    CHECK (recurrence_anchor >= '0001-01-01 00:00:00+00' AND recurrence_anchor < '10000-01-01 00:00:00+00'),
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'),
    CHECK (expires_at > effective_at),
    CHECK (expiration_count > 0),
    CHECK (expiration_duration IN ('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR')),
    CHECK ((expiration_count IS NULL) = (expiration_duration IS NULL)),
    CHECK (rollover_type IN ('ORIGINAL_AMOUNT', 'REMAINING_AMOUNT')),
    CHECK (rollover_max_amount >= 0 AND rollover_max_amount < 1e15
        AND min_scale(rollover_max_amount) <= 12),
    CHECK (rollover_type IS NOT NULL OR rollover_max_amount IS NULL),
    CHECK (recurrence_count > 0),
    CHECK (recurrence_duration IN ('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR')),
    CHECK (num_nulls(recurrence_count, recurrence_duration, recurrence_anchor) IN (0, 3)),
    CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE credit.grants IS
'Amounts of credit for one feature on one ledger, as they were written down. Balances, ends and the amounts of children are derived.';
COMMENT ON COLUMN credit.grants.id IS 'Identity: a time-ordered UUID (v7), or for a child of a reset a function (v5) of parent and reset.';
COMMENT ON COLUMN credit.grants.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.grants.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.grants.parent_id IS 'The grant that rolled over into this one; NULL for a grant that was granted.';
COMMENT ON COLUMN credit.grants.reset_id IS 'The reset at which it rolled over: credit.resets.id; NULL for a grant that was granted.';
COMMENT ON COLUMN credit.grants.amount IS 'What was granted, in units of the meter: not 0, at most 12 decimals, between -10^15 and 10^15, negative for a debit. NULL exactly for a child of a reset, whose amount is derived from its parent''s balance.';
COMMENT ON COLUMN credit.grants.priority IS '0 to 255; lower burns first.';
COMMENT ON COLUMN credit.grants.effective_at IS 'From when on it can be burned.';
COMMENT ON COLUMN credit.grants.expires_at IS 'Until when, exclusive; NULL for no end.';
COMMENT ON COLUMN credit.grants.expiration_count IS 'How many expiration_duration the grant lasts; NULL where no period was given.';
COMMENT ON COLUMN credit.grants.expiration_duration IS 'HOUR, DAY, WEEK, MONTH or YEAR; NULL where no period was given.';
COMMENT ON COLUMN credit.grants.rollover_type IS 'What a reset leaves to a child: ORIGINAL_AMOUNT or REMAINING_AMOUNT; NULL: nothing, the grant is forfeited.';
COMMENT ON COLUMN credit.grants.rollover_max_amount IS 'The most that rolls over; NULL for no limit.';
COMMENT ON COLUMN credit.grants.recurrence_count IS 'How many recurrence_duration lie between two refills; NULL for a grant that does not recur.';
COMMENT ON COLUMN credit.grants.recurrence_duration IS 'HOUR, DAY, WEEK, MONTH or YEAR; NULL for a grant that does not recur.';
COMMENT ON COLUMN credit.grants.recurrence_anchor IS 'An instant at which a refill falls; NULL for a grant that does not recur.';
COMMENT ON COLUMN credit.grants.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.grants.created_at IS 'When the row was written, by the clock; of the child of a reset: the time of the reset.';
COMMENT ON COLUMN credit.grants.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE INDEX grants_ledger_idx ON credit.grants (ledger_id);

COMMENT ON INDEX credit.grants_ledger_idx IS 'All grants of a ledger: every computation starts there.';

ALTER TABLE credit.grants REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.grants
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.grants IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.grants', '');

CREATE TABLE credit.grant_voids (
    grant_id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    voided_at timestamptz NOT NULL,
    forfeit_remaining boolean NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK (voided_at >= '0001-01-01 00:00:00+00' AND voided_at < '10000-01-01 00:00:00+00'),
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);

COMMENT ON TABLE credit.grant_voids IS
'Grants that were voided: inactive from voided_at on.';
COMMENT ON COLUMN credit.grant_voids.grant_id IS 'The grant: credit.grants.id. A void is the end; there is one at most.';
COMMENT ON COLUMN credit.grant_voids.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.grant_voids.voided_at IS 'From when on the grant is inactive. At its effective_at: it was never active.';
COMMENT ON COLUMN credit.grant_voids.forfeit_remaining IS 'Whether the caller said that what is left of a used grant is to be forfeited.';
COMMENT ON COLUMN credit.grant_voids.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.grant_voids.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE INDEX grant_voids_ledger_idx ON credit.grant_voids (ledger_id);

COMMENT ON INDEX credit.grant_voids_ledger_idx IS 'All voids of a ledger: every computation starts there.';

ALTER TABLE credit.grant_voids REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.grant_voids
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.grant_voids IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.grant_voids', '');

CREATE TABLE credit.resets (
    id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    effective_at timestamptz NOT NULL,
    preserve_overage boolean NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    UNIQUE (ledger_id, effective_at),
    CHECK (effective_at >= '0001-01-01 00:00:00+00' AND effective_at < '10000-01-01 00:00:00+00'),
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);

COMMENT ON TABLE credit.resets IS
'Ends of usage periods. A reset holds no amount: it is replayed at every read.';
COMMENT ON COLUMN credit.resets.id IS 'Identity, a time-ordered UUID (v7).';
COMMENT ON COLUMN credit.resets.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.resets.effective_at IS 'When the period ended; one reset of a ledger at one time.';
COMMENT ON COLUMN credit.resets.preserve_overage IS 'Whether overage is carried into the new period; otherwise it is dropped.';
COMMENT ON COLUMN credit.resets.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.resets.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.resets REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.resets
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.resets IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.resets', '');

CREATE TABLE credit.streams (
    id bigint PRIMARY KEY,
    meter_id uuid NOT NULL,
    subject text NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK (length(subject) BETWEEN 1 AND 255)
);

COMMENT ON TABLE credit.streams IS
'Short ids for (meter, subject), so that events are narrow. Looked up by the range of ids that the hash gives, so there is no other index. Two sessions may intern the same pair at once: several ids of one pair are legal, and readers sum over all of them.';
COMMENT ON COLUMN credit.streams.id IS '32 bits of a hash of (namespace, subject) in front, then 32 bits of credit.intern_ids.';
COMMENT ON COLUMN credit.streams.meter_id IS 'The meter: credit.meters.id.';
COMMENT ON COLUMN credit.streams.subject IS 'Whose usage it is, 1 to 255 characters; its ledger may come later.';
COMMENT ON COLUMN credit.streams.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.streams
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.streams IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.streams', '');

CREATE TABLE credit.dimension_sets (
    id bigint PRIMARY KEY,
    meter_id uuid NOT NULL,
    dimensions jsonb NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK (jsonb_typeof(dimensions) = 'object')
);

COMMENT ON TABLE credit.dimension_sets IS
'Short ids for the dimensions that events carry. Looked up by the range of ids that the hash gives, so there is no other index; several ids of one set are legal.';
COMMENT ON COLUMN credit.dimension_sets.id IS '32 bits of a hash of (meter, dimensions) in front, then 32 bits of credit.intern_ids.';
COMMENT ON COLUMN credit.dimension_sets.meter_id IS 'The meter: credit.meters.id.';
COMMENT ON COLUMN credit.dimension_sets.dimensions IS 'A JSON object of dimension and value; a dimension that was not given is absent.';
COMMENT ON COLUMN credit.dimension_sets.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.dimension_sets
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.dimension_sets IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.dimension_sets', '');

-- No CHECK here: PostgreSQL reads and plans the stored text of one at every statement, which costs
-- more than the rest of the insertion of an event. What a function did not write and no balance can
-- be computed from is refused when it is read.
CREATE TABLE credit.usage_events (
    stream_id bigint NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    occurred_at timestamptz NOT NULL,
    dims_id bigint,
    value numeric NOT NULL
);

COMMENT ON TABLE credit.usage_events IS
'The metered usage, one row an event. Narrow on purpose: a subject''s events are read through its streams, in the order of the transactions that wrote them. No primary key: nothing refers to an event.';
COMMENT ON COLUMN credit.usage_events.stream_id IS 'Whose usage on which meter: credit.streams.id.';
COMMENT ON COLUMN credit.usage_events.xid IS 'The transaction that inserted the row, in this cluster.';
COMMENT ON COLUMN credit.usage_events.occurred_at IS 'When it was used; may be late or lie in the future.';
COMMENT ON COLUMN credit.usage_events.dims_id IS 'The dimensions it carries: credit.dimension_sets.id; NULL for none.';
COMMENT ON COLUMN credit.usage_events.value IS 'How much, in units of the meter: at most 12 decimals, between -10^15 and 10^15; negative for a correction.';

CREATE INDEX usage_events_stream_idx ON credit.usage_events (stream_id, xid);

COMMENT ON INDEX credit.usage_events_stream_idx IS
'The events of a stream, and of these the ones that a transaction or later ones wrote.';

ALTER TABLE credit.usage_events REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.usage_events
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.usage_events IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.usage_events', '');

CREATE TABLE credit.spends (
    id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    feature_id uuid NOT NULL,
    requested numeric NOT NULL,
    amount numeric NOT NULL,
    occurred_at timestamptz NOT NULL,
    dims_id bigint,
    metadata jsonb NOT NULL,
    burned jsonb NOT NULL,
    balance numeric NOT NULL,
    available numeric NOT NULL,
    hold_id uuid,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED
);

COMMENT ON TABLE credit.spends IS
'Usage that was checked against the credit there was: one row, and one event in credit.usage_events, a spend. What it answered is kept; what it burned by now, after late usage say, is computed from the events. No CHECK, as for events.';
COMMENT ON COLUMN credit.spends.id IS 'Identity, a time-ordered UUID (v7) with the hash of the subject, as credit.ledgers.id has it.';
COMMENT ON COLUMN credit.spends.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.spends.feature_id IS 'The feature whose credit was checked: credit.features.id.';
COMMENT ON COLUMN credit.spends.requested IS 'What was asked for; more than the amount where what there was was taken.';
COMMENT ON COLUMN credit.spends.amount IS 'How much, in units of the meter: the value of the event; negative for a refund.';
COMMENT ON COLUMN credit.spends.occurred_at IS 'The time of the event: taken after the lock of the ledger, later than every spend and hold before it; of the settlement of a hold the time of the hold.';
COMMENT ON COLUMN credit.spends.dims_id IS 'The dimensions of the event: credit.dimension_sets.id; NULL for none.';
COMMENT ON COLUMN credit.spends.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.spends.burned IS 'Which grants paid how much then: a JSON array of {"grantID", "amount"} in burn order, negative where a refund gave back. What is missing to the amount became overage.';
COMMENT ON COLUMN credit.spends.balance IS 'The balance of the feature after it, then.';
COMMENT ON COLUMN credit.spends.available IS 'What was available of the feature after it, then.';
COMMENT ON COLUMN credit.spends.hold_id IS 'The hold that it settles: credit.holds.id; NULL for a spend without one.';
COMMENT ON COLUMN credit.spends.created_at IS 'When the row was written, by the clock that occurred_at is taken from: never earlier than a row of the ledger before it.';
COMMENT ON COLUMN credit.spends.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE INDEX spends_ledger_idx ON credit.spends (ledger_id, created_at);

COMMENT ON INDEX credit.spends_ledger_idx IS
'The spends of a ledger in the order in which they were written, for each was written under the lock of the ledger: the last is seen by a snapshot only if all are.';

ALTER TABLE credit.spends REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.spends
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.spends IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.spends', '');

CREATE TABLE credit.holds (
    id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    feature_id uuid NOT NULL,
    amount numeric NOT NULL,
    held_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    stream_id bigint NOT NULL,
    dims_id bigint,
    metadata jsonb NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    UNIQUE (ledger_id, held_at)
);

COMMENT ON TABLE credit.holds IS
'Credit set aside for a spend to come. A hold is open until it is settled or released (credit.hold_ends) or its time is over.';
COMMENT ON COLUMN credit.holds.id IS 'Identity, a time-ordered UUID (v7) with the hash of the subject, as credit.ledgers.id has it.';
COMMENT ON COLUMN credit.holds.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.holds.feature_id IS 'The feature whose credit was checked: credit.features.id.';
COMMENT ON COLUMN credit.holds.amount IS 'How much, in units of the meter.';
COMMENT ON COLUMN credit.holds.held_at IS 'The time of the hold, and of the usage that it becomes: taken after the lock of the ledger, later than every spend and hold before it.';
COMMENT ON COLUMN credit.holds.expires_at IS 'When it ends by itself, exclusive.';
COMMENT ON COLUMN credit.holds.stream_id IS 'The stream of the usage that it becomes: credit.streams.id.';
COMMENT ON COLUMN credit.holds.dims_id IS 'The dimensions of that usage: credit.dimension_sets.id; NULL for none.';
COMMENT ON COLUMN credit.holds.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.holds.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.holds REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.holds
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.holds IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.holds', '');

CREATE TABLE credit.hold_ends (
    hold_id uuid PRIMARY KEY,
    ledger_id uuid NOT NULL,
    state text NOT NULL,
    settled numeric,
    spend_id uuid,
    excess_id uuid,
    ended_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    CHECK (state IN ('SETTLED', 'RELEASED')),
    CHECK (num_nulls(settled, spend_id) = CASE state WHEN 'SETTLED' THEN 0 ELSE 2 END)
);

COMMENT ON TABLE credit.hold_ends IS
'How holds ended that were settled or released. Those whose time is over have no row.';
COMMENT ON COLUMN credit.hold_ends.hold_id IS 'The hold: credit.holds.id. It ends once.';
COMMENT ON COLUMN credit.hold_ends.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.hold_ends.state IS 'SETTLED: it became usage. RELEASED: it came to nothing.';
COMMENT ON COLUMN credit.hold_ends.settled IS 'What it was settled for in all; NULL unless SETTLED.';
COMMENT ON COLUMN credit.hold_ends.spend_id IS 'The spend that it became, of at most what was held: credit.spends.id; NULL unless SETTLED.';
COMMENT ON COLUMN credit.hold_ends.excess_id IS 'The spend of what it was settled for beyond that: credit.spends.id; NULL where there is none.';
COMMENT ON COLUMN credit.hold_ends.ended_at IS 'When the row was written, by the clock that held_at is taken from: never earlier than a row of the ledger before it.';
COMMENT ON COLUMN credit.hold_ends.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE INDEX hold_ends_ledger_idx ON credit.hold_ends (ledger_id, ended_at);

COMMENT ON INDEX credit.hold_ends_ledger_idx IS
'The ends of a ledger''s holds in the order in which they were written: see credit.spends_ledger_idx.';

ALTER TABLE credit.hold_ends REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.hold_ends
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.hold_ends IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.hold_ends', '');

-- Why a list, and not a table from which a hold is deleted when it ends, or a partial index of open
-- ones: whatever is deleted or updated stays in the index until no snapshot sees it any more, and
-- every read goes over it. Behind a running pg_dump, or inside of one long transaction, a busy ledger
-- would get slower with each hold. Rows that are only added are never in the way.
CREATE TABLE credit.hold_lists (
    ledger_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    up_to timestamptz NOT NULL,
    open_ones timestamptz[] NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    PRIMARY KEY (ledger_id, created_at)
);

COMMENT ON TABLE credit.hold_lists IS
'What spares reads the holds that have ended: of all holds of the ledger up to a time only those listed are still open, if at all. Written now and then by who changes the ledger; without any row the answers are the same.';
COMMENT ON COLUMN credit.hold_lists.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.hold_lists.created_at IS 'When the row was written; the latest of a ledger counts.';
COMMENT ON COLUMN credit.hold_lists.up_to IS 'All holds of the ledger with held_at at or before this have ended, but those listed.';
COMMENT ON COLUMN credit.hold_lists.open_ones IS 'The held_at of those that had not ended.';
COMMENT ON COLUMN credit.hold_lists.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.hold_lists REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.hold_lists
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.hold_lists IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.hold_lists', '');

CREATE TABLE credit.idempotency_keys (
    namespace text NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    ref uuid,
    stream_id bigint,
    occurred_at timestamptz,
    dims_id bigint,
    value numeric,
    time_given boolean NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    PRIMARY KEY (namespace, scope, key),
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (length(key) BETWEEN 1 AND 255),
    CHECK (scope IN ('usage', 'grant', 'reset'))
);

COMMENT ON TABLE credit.idempotency_keys IS
'Keys under which something was written, and what it was, so that a replay gives the first answer. Apart from the events, so that only an event with a key pays for it.';
COMMENT ON COLUMN credit.idempotency_keys.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.idempotency_keys.scope IS 'usage (events, spends and holds), grant or reset: a key is unique in its scope.';
COMMENT ON COLUMN credit.idempotency_keys.key IS 'The caller''s key, 1 to 255 characters.';
COMMENT ON COLUMN credit.idempotency_keys.ref IS 'What was written: credit.grants.id, credit.resets.id, credit.spends.id or credit.holds.id; NULL for a usage event.';
COMMENT ON COLUMN credit.idempotency_keys.stream_id IS 'The event''s stream: credit.streams.id; NULL unless a usage event.';
COMMENT ON COLUMN credit.idempotency_keys.occurred_at IS 'The event''s time; NULL unless a usage event.';
COMMENT ON COLUMN credit.idempotency_keys.dims_id IS 'The event''s dimensions: credit.dimension_sets.id; NULL for none.';
COMMENT ON COLUMN credit.idempotency_keys.value IS 'The event''s value; NULL unless a usage event.';
COMMENT ON COLUMN credit.idempotency_keys.time_given IS 'Whether the caller gave the time; one that was defaulted is not compared.';
COMMENT ON COLUMN credit.idempotency_keys.xid IS 'The transaction that inserted the row, in this cluster.';

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.idempotency_keys
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.idempotency_keys IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.idempotency_keys', '');

CREATE SEQUENCE credit.intern_ids AS bigint MINVALUE 0 MAXVALUE 4294967295 CYCLE;

COMMENT ON SEQUENCE credit.intern_ids IS
'The last 32 bits of the ids of credit.streams and credit.dimension_sets.';

SELECT pg_catalog.pg_extension_config_dump('credit.intern_ids', '');

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
        coalesce(measure_from, date_trunc('hour', now_by_clock, 'UTC')), now_by_clock)
    ON CONFLICT DO NOTHING
    RETURNING l.* INTO made;
    IF FOUND THEN
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
'Creates the ledger of a subject (1 to 255 characters, not the id of a ledger): metadata a JSON object whose values are strings, measure_from the start of measurement (years 1 to 9999; NULL: the start of the current hour, UTC). Gives its row. If the subject has one: UC101, with it in the detail, or with if_not_exists the existing row, provided metadata and measure_from, where given, are equal. Bad input is 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

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

-- Grants: amounts of credit for one feature on one ledger.

CREATE TYPE credit.grant_row AS (
    id uuid,
    ledger_id uuid,
    feature_id uuid,
    parent_id uuid,
    reset_id uuid,
    amount numeric,
    priority smallint,
    effective_at timestamptz,
    expires_at timestamptz,
    expires_after interval,
    rollover_type text,
    rollover_max_amount numeric,
    recurs_every interval,
    recurrence_anchor timestamptz,
    metadata jsonb,
    voided_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz
);

COMMENT ON TYPE credit.grant_row IS
'A grant as the functions give it: what was granted, the amount of a child derived, and its void.';
COMMENT ON COLUMN credit.grant_row.id IS 'Identity; a child''s is a function of parent and reset.';
COMMENT ON COLUMN credit.grant_row.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.grant_row.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.grant_row.parent_id IS 'The grant that rolled over into this one; NULL for a grant that was granted.';
COMMENT ON COLUMN credit.grant_row.reset_id IS 'The reset at which it rolled over; NULL for a grant that was granted.';
COMMENT ON COLUMN credit.grant_row.amount IS 'In units of the meter; negative for a debit. A child''s is derived from its parent''s balance at the reset, so late usage changes it, to 0 at the least.';
COMMENT ON COLUMN credit.grant_row.priority IS '0 to 255; lower burns first.';
COMMENT ON COLUMN credit.grant_row.effective_at IS 'From when on it can be burned.';
COMMENT ON COLUMN credit.grant_row.expires_at IS 'Until when, exclusive; NULL for no end.';
COMMENT ON COLUMN credit.grant_row.expires_after IS 'The period it was granted for, of one unit; NULL where none was given.';
COMMENT ON COLUMN credit.grant_row.rollover_type IS 'ORIGINAL_AMOUNT or REMAINING_AMOUNT; NULL: forfeited at a reset.';
COMMENT ON COLUMN credit.grant_row.rollover_max_amount IS 'The most that rolls over; NULL for no limit.';
COMMENT ON COLUMN credit.grant_row.recurs_every IS 'The time between two refills, of one unit; NULL for a grant that does not recur.';
COMMENT ON COLUMN credit.grant_row.recurrence_anchor IS 'An instant at which a refill falls; NULL for a grant that does not recur.';
COMMENT ON COLUMN credit.grant_row.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.grant_row.voided_at IS 'From when on it is void; NULL while it is not.';
COMMENT ON COLUMN credit.grant_row.created_at IS 'When it was written down; for a child the time of the reset.';
COMMENT ON COLUMN credit.grant_row.updated_at IS 'When its void was written down, else created_at.';

CREATE FUNCTION @extschema@.credit_create_grant(
    ledger text,
    feature text,
    amount numeric,
    priority integer DEFAULT 1,
    effective_at timestamptz DEFAULT NULL,
    expires_after interval DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL,
    rollover_type text DEFAULT NULL,
    rollover_max_amount numeric DEFAULT NULL,
    recurs_every interval DEFAULT NULL,
    recurrence_anchor timestamptz DEFAULT NULL,
    metadata jsonb DEFAULT '{}',
    idempotency_key text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS credit.grant_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_create_grant_wrapper';

COMMENT ON FUNCTION @extschema@.credit_create_grant(text, text, numeric, integer, timestamptz, interval, timestamptz, text, numeric, interval, timestamptz, jsonb, text, text) IS
'Grants amount (not 0; at most 12 decimals, below 10^15; negative for a debit, which takes no expiration, rollover or recurrence) of a feature (name or id) on a ledger (subject or id). priority 0 to 255, lower burns first. effective_at NULL: the clock; not before the high watermark (UC202). It ends at expires_at or expires_after later (one of the two, or neither for no end). rollover_type ORIGINAL_AMOUNT or REMAINING_AMOUNT, up to rollover_max_amount (NULL: no limit), is what a reset leaves to a child; NULL: nothing. recurs_every refills it at recurrence_anchor (NULL: effective_at) and every such period from there. Intervals are of one unit: hours, days, weeks, months or years. Locks the ledger. A replay of idempotency_key gives the first grant; with other content UC104. No such ledger UC001, feature UC002; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_void_grant(
    grant_id uuid,
    voided_at timestamptz DEFAULT NULL,
    forfeit_remaining boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.grant_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_void_grant_wrapper';

COMMENT ON FUNCTION @extschema@.credit_void_grant(uuid, timestamptz, boolean, text) IS
'Voids a grant: it is inactive from voided_at on (NULL: the clock, for a debit its effective_at; not in the future; not before the high watermark, UC202). A grant that has paid for usage is refused (UC203), unless forfeit_remaining says that what is left of it is to be forfeited; what it paid stays paid. Locks the ledger. No such grant UC003; void already UC204; ended, by expiry or a reset, UC206; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_get_grant(
    grant_id uuid,
    namespace text DEFAULT NULL
) RETURNS credit.grant_row
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_get_grant_wrapper';

COMMENT ON FUNCTION @extschema@.credit_get_grant(uuid, text) IS
'The grant of that id, voided and ended ones and children of resets included. None: UC003; NULL: 22004. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_list_grants(
    ledgers text[] DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL,
    from_high_watermark boolean DEFAULT false,
    include_void boolean DEFAULT false,
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.grant_row
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_list_grants_wrapper';

COMMENT ON FUNCTION @extschema@.credit_list_grants(text[], timestamptz, timestamptz, boolean, boolean, integer, integer, text) IS
'The grants of these ledgers (subjects or ids; NULL: all of the namespace) with a time in [from_time, to_time) (NULL: no bound), or with from_high_watermark from each ledger''s watermark on; voided ones only with include_void; in order of created_at and id, row_limit (NULL: all) after the first row_offset. No such ledger UC001; bad input 22023; NULL elsewhere 22004.';

-- Usage: what was used, and how much.

CREATE FUNCTION @extschema@.credit_ingest(
    subject text,
    meter text,
    value numeric DEFAULT 1,
    occurred_at timestamptz DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    idempotency_key text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_ingest_wrapper';

COMMENT ON FUNCTION @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text) IS
'Writes one usage event: this subject used value (at most 12 decimals, below 10^15; negative for a correction; on a COUNT meter 1 or -1) on the meter of this slug at occurred_at (NULL: the clock; may be late or in the future, years 1 to 9999), with dimensions a JSON object of strings, of dimensions that the meter has. The ledger may come later. Takes no lock that others wait for. True; false for a replay of idempotency_key, which writes nothing; the key with other content UC104. No such meter UC004; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_ingest_batch(
    events jsonb,
    namespace text DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_ingest_batch_wrapper';

COMMENT ON FUNCTION @extschema@.credit_ingest_batch(jsonb, text) IS
'Writes many usage events: an array of JSON objects whose keys are the argument names of credit_ingest. All or nothing; an error names the first bad element, by its position from 1. Gives the number taken, replays not counted. Errors as credit_ingest.';

CREATE FUNCTION @extschema@.credit_ingest_arrays(
    subjects text[],
    meters text[],
    amounts numeric[] DEFAULT NULL,
    occurred_ats timestamptz[] DEFAULT NULL,
    idempotency_keys text[] DEFAULT NULL,
    dimensions jsonb[] DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_ingest_arrays_wrapper';

COMMENT ON FUNCTION @extschema@.credit_ingest_arrays(text[], text[], numeric[], timestamptz[], text[], jsonb[], text) IS
'Writes many usage events, given as arrays of one length, one element an event; an array or an element of NULL stands for the default of credit_ingest. All or nothing; an error names the first bad element, by its position from 1. Gives the number taken, replays not counted. Errors as credit_ingest.';

CREATE FUNCTION @extschema@.credit_usage(
    ledger text,
    feature text,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL,
    granularity text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    period tstzrange,
    usage numeric
)
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_usage_wrapper';

COMMENT ON FUNCTION @extschema@.credit_usage(text, text, timestamptz, timestamptz, text, text) IS
'The usage of a feature (name or id) by a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in units of the meter: one row, or with granularity HOUR, DAY, WEEK (from Monday) or MONTH one a calendar period, UTC, those without usage too; no row where from_time = to_time. Not before the start of measurement (UC202). No such ledger UC001, feature UC002; bad input 22023, NULL 22004.';

-- Spends: usage that is taken only while there is credit for it.

CREATE TYPE credit.spend_row AS (
    spend_id uuid,
    amount numeric,
    balance numeric,
    available numeric,
    burned jsonb,
    occurred_at timestamptz,
    replayed boolean
);

COMMENT ON TYPE credit.spend_row IS
'The answer to a spend; a replay has that of the first call.';
COMMENT ON COLUMN credit.spend_row.spend_id IS 'The spend: credit.spends.id.';
COMMENT ON COLUMN credit.spend_row.amount IS 'What was spent; negative for a refund.';
COMMENT ON COLUMN credit.spend_row.balance IS 'What is left in the grants of the feature after it.';
COMMENT ON COLUMN credit.spend_row.available IS 'What can be spent of the feature after it; negative into an overdraft.';
COMMENT ON COLUMN credit.spend_row.burned IS 'Which grants paid how much: a JSON array of {"grantID", "amount"} in burn order, negative where a refund gave back. What is missing to the amount became overage.';
COMMENT ON COLUMN credit.spend_row.occurred_at IS 'The time of its usage.';
COMMENT ON COLUMN credit.spend_row.replayed IS 'Whether an earlier call with the same idempotency key did it.';

CREATE TYPE credit.try_spend_row AS (
    allowed boolean,
    spend_id uuid,
    amount numeric,
    balance numeric,
    available numeric,
    burned jsonb,
    occurred_at timestamptz,
    replayed boolean
);

COMMENT ON TYPE credit.try_spend_row IS
'The answer to an attempt to spend; a replay has that of the first call.';
COMMENT ON COLUMN credit.try_spend_row.allowed IS 'Whether anything was spent. If not, nothing was written, and the rest tells what there is.';
COMMENT ON COLUMN credit.try_spend_row.spend_id IS 'The spend: credit.spends.id; NULL where it was not allowed.';
COMMENT ON COLUMN credit.try_spend_row.amount IS 'What was spent, with partial perhaps less than was asked for; 0 where it was not allowed; negative for a refund.';
COMMENT ON COLUMN credit.try_spend_row.balance IS 'What is left in the grants of the feature after it.';
COMMENT ON COLUMN credit.try_spend_row.available IS 'What can be spent of the feature after it; negative into an overdraft.';
COMMENT ON COLUMN credit.try_spend_row.burned IS 'Which grants paid how much: a JSON array of {"grantID", "amount"} in burn order, negative where a refund gave back. What is missing to the amount became overage.';
COMMENT ON COLUMN credit.try_spend_row.occurred_at IS 'The time of its usage; NULL where it was not allowed.';
COMMENT ON COLUMN credit.try_spend_row.replayed IS 'Whether an earlier call with the same idempotency key did it.';

CREATE FUNCTION @extschema@.credit_consume(
    ledger text,
    feature text,
    amount numeric,
    idempotency_key text DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    namespace text DEFAULT NULL
) RETURNS credit.spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_consume_wrapper';

COMMENT ON FUNCTION @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text) IS
'Spends amount (at most 12 decimals, below 10^15; on a COUNT meter 1 or -1) of a feature (name or id) on a ledger (subject or id), now: a usage event on the meter of the feature, with the values that it filters by and the dimensions given. Not enough is available, and no overdraft (not negative) covers it: UC301, and nothing is written. A negative amount is a refund and always allowed. Locks the ledger until the transaction ends; the time is taken after the lock. A replay of idempotency_key gives the first answer; with other content UC104. No such ledger UC001, feature UC002; before the start of measurement UC202; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_try_consume(
    ledger text,
    feature text,
    amount numeric,
    idempotency_key text DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    partial boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.try_spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_try_consume_wrapper';

COMMENT ON FUNCTION @extschema@.credit_try_consume(text, text, numeric, text, jsonb, numeric, jsonb, boolean, text) IS
'As credit_consume, but where not enough is available the answer has allowed = false and nothing is written, the idempotency_key neither. With partial it takes what there is, overdraft included, if there is anything; amount says how much.';

CREATE FUNCTION @extschema@.credit_consume_batch(
    spends jsonb,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_consume_batch_wrapper';

COMMENT ON FUNCTION @extschema@.credit_consume_batch(jsonb, text) IS
'Spends many times: an array of JSON objects whose keys are the argument names of credit_consume, on one ledger or several. All or nothing, in order, each seeing the ones before it; an error names the first bad element, by its position from 1. Locks the ledgers in one order, so that batches never deadlock with each other. Gives one row an element. Errors as credit_consume.';

-- Holds: credit that is set aside for a spend to come.

CREATE TYPE credit.hold_row AS (
    id uuid,
    ledger_id uuid,
    feature_id uuid,
    amount numeric,
    dimensions jsonb,
    metadata jsonb,
    held_at timestamptz,
    expires_at timestamptz,
    state text,
    settled numeric,
    spend_id uuid,
    ended_at timestamptz
);

COMMENT ON TYPE credit.hold_row IS
'A hold as the functions give it, with what became of it.';
COMMENT ON COLUMN credit.hold_row.id IS 'Identity.';
COMMENT ON COLUMN credit.hold_row.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.hold_row.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.hold_row.amount IS 'How much is held, in units of the meter.';
COMMENT ON COLUMN credit.hold_row.dimensions IS 'The dimensions of the usage that it becomes: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.hold_row.metadata IS 'The caller''s own labels: a JSON object whose values are strings.';
COMMENT ON COLUMN credit.hold_row.held_at IS 'The time of the hold, and of the usage that it becomes.';
COMMENT ON COLUMN credit.hold_row.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN credit.hold_row.state IS 'OPEN, SETTLED, RELEASED or EXPIRED.';
COMMENT ON COLUMN credit.hold_row.settled IS 'What it was settled for in all; NULL unless SETTLED.';
COMMENT ON COLUMN credit.hold_row.spend_id IS 'The spend that it became: credit.spends.id; NULL unless SETTLED.';
COMMENT ON COLUMN credit.hold_row.ended_at IS 'When it was settled or released, or its time was over; NULL while OPEN.';

CREATE TYPE credit.release_row AS (
    hold_id uuid,
    amount numeric,
    released_at timestamptz,
    replayed boolean
);

COMMENT ON TYPE credit.release_row IS
'The answer to the release of a hold.';
COMMENT ON COLUMN credit.release_row.hold_id IS 'The hold: credit.holds.id.';
COMMENT ON COLUMN credit.release_row.amount IS 'What it held.';
COMMENT ON COLUMN credit.release_row.released_at IS 'When it was released.';
COMMENT ON COLUMN credit.release_row.replayed IS 'Whether an earlier call did it.';

CREATE FUNCTION @extschema@.credit_reserve(
    ledger text,
    feature text,
    amount numeric,
    expires_in interval DEFAULT '15 minutes',
    idempotency_key text DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    namespace text DEFAULT NULL
) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_reserve_wrapper';

COMMENT ON FUNCTION @extschema@.credit_reserve(text, text, numeric, interval, text, jsonb, numeric, jsonb, text) IS
'Holds amount (positive) of a feature (name or id) on a ledger (subject or id) for a spend to come, and gives the id of the hold. Until it is settled, released or expires_in later (months by the calendar in UTC) it counts, for what is available, as usage at its time. It is refused as credit_consume would be (UC301), and takes dimensions, overdraft, metadata and idempotency_key as that does. Errors as credit_consume.';

CREATE FUNCTION @extschema@.credit_settle(
    hold_id uuid,
    amount numeric,
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS credit.spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_settle_wrapper';

COMMENT ON FUNCTION @extschema@.credit_settle(uuid, numeric, numeric, jsonb, text) IS
'Turns a hold into usage at the time of the hold, of amount (not negative; 0 for nothing). Of no more than was held it never fails, whatever has expired, was refilled or reset since; what is more is spent now and refused as credit_consume would be (UC301). metadata NULL: that of the hold. Gives the spend. The same call again gives the first answer (replayed). Locks the ledger. No such hold UC005; one that is no longer open UC205; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_release(
    hold_id uuid,
    namespace text DEFAULT NULL
) RETURNS credit.release_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_release_wrapper';

COMMENT ON FUNCTION @extschema@.credit_release(uuid, text) IS
'Ends a hold that comes to nothing. The same call again gives the first answer (replayed). Locks the ledger. No such hold UC005; one that was settled, or has expired, UC205; NULL 22004.';

CREATE FUNCTION @extschema@.credit_list_holds(
    ledger text,
    feature text DEFAULT NULL,
    include_closed boolean DEFAULT false,
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.hold_row
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_list_holds_wrapper';

COMMENT ON FUNCTION @extschema@.credit_list_holds(text, text, boolean, integer, integer, text) IS
'The open holds of a ledger (subject or id) for a feature (name or id; NULL: for all), with include_closed those too that were settled, released or have expired, in the order in which they were made: row_limit (NULL: all) after the first row_offset. No such ledger UC001, feature UC002; bad input 22023, NULL 22004.';

-- Balances and histories: what was burned, and what is left.

CREATE FUNCTION @extschema@.credit_balance(
    ledger text,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_balance_wrapper';

COMMENT ON FUNCTION @extschema@.credit_balance(text, timestamptz, text) IS
'The balance of a ledger (subject or id) at a time, past or future (NULL: the clock), as one JSON document: id, metadata, subject, featureBalances (each feature with balance, usage, overage, held, available), grantBalances (each grant with balance). Numbers are exact. Before the start of measurement: UC202. No such ledger UC001; a time out of range 22023, NULL 22004.';

CREATE FUNCTION @extschema@.credit_feature_balances(
    ledger text,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    feature_id uuid,
    name text,
    balance numeric,
    usage numeric,
    overage numeric,
    available numeric,
    held numeric
)
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_feature_balances_wrapper';

COMMENT ON FUNCTION @extschema@.credit_feature_balances(text, timestamptz, text) IS
'The featureBalances of credit_balance as rows, one a feature that the ledger has had a grant for or usage of: balance left in its grants, usage since the last reset, overage that nothing covered, held what open holds take of it, available = balance - overage - held. Arguments and errors as credit_balance.';

CREATE FUNCTION @extschema@.credit_ledger_balances(
    feature text DEFAULT NULL,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    ledger_id uuid,
    subject text,
    feature_id uuid,
    name text,
    balance numeric,
    usage numeric,
    overage numeric,
    available numeric,
    held numeric
)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10000
AS 'MODULE_PATHNAME', 'credit_ledger_balances_wrapper';

COMMENT ON FUNCTION @extschema@.credit_ledger_balances(text, timestamptz, text) IS
'The rows of credit_feature_balances for every ledger of the namespace that the caller sees, of all features or of one (name or id), at one time (NULL: the clock, read once) and of one snapshot; in order of subject, and for a subject of the features'' creation. Ledgers whose measurement starts after that time are left out. Takes memory for some thousands of ledgers, however many there are. A feature that does not exist is UC002 where the caller sees a ledger; bad input 22023. namespace NULL: the setting credit.namespace.';

CREATE FUNCTION @extschema@.credit_grant_balances(
    ledger text,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    grant_id uuid,
    parent_id uuid,
    feature_id uuid,
    feature text,
    amount numeric,
    priority smallint,
    effective_at timestamptz,
    expires_at timestamptz,
    balance numeric
)
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_grant_balances_wrapper';

COMMENT ON FUNCTION @extschema@.credit_grant_balances(text, timestamptz, text) IS
'The grantBalances of credit_balance as rows: the grants that are active, those burned to 0 included, and those that expired since the last reset; no voided ones. balance is what is left of amount. Arguments and errors as credit_balance.';

CREATE FUNCTION @extschema@.credit_available(
    ledger text,
    feature text,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS numeric
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_available_wrapper';

COMMENT ON FUNCTION @extschema@.credit_available(text, text, timestamptz, text) IS
'What a ledger (subject or id) has left of a feature (name or id) at a time (NULL: the clock): balance - overage - what open holds take, in units of the meter; negative where more was used than granted, 0 where there is neither. Before the start of measurement: UC202. No such ledger UC001, feature UC002; a time out of range 22023, NULL 22004.';

CREATE FUNCTION @extschema@.credit_history(
    ledger text,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL,
    row_limit integer DEFAULT NULL,
    row_offset integer DEFAULT 0,
    granularity text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    at timestamptz,
    type text,
    grant_id uuid,
    reset_id uuid,
    feature_id uuid,
    amount numeric,
    balance_after numeric,
    overage numeric,
    overage_after numeric,
    period_from timestamptz,
    period_to timestamptz
)
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_history_wrapper';

COMMENT ON FUNCTION @extschema@.credit_history(text, timestamptz, timestamptz, integer, integer, text, text) IS
'What happened on a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in order: type is GRANT_USAGE, OVERAGE, EXPIRATION, VOID, RESET, ROLLOVER, FORFEITURE or GRANT. amount changes the balance of a grant, overage what is owed of its feature; balance_after and overage_after are the feature''s. Usage rows cover [period_from, period_to), cut by granularity HOUR, DAY, WEEK (from Monday) or MONTH at calendar boundaries, UTC. row_limit (NULL: all) after the first row_offset. Before the start of measurement: UC202. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_high_watermark(
    ledger text,
    namespace text DEFAULT NULL
) RETURNS timestamptz
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_high_watermark_wrapper';

COMMENT ON FUNCTION @extschema@.credit_high_watermark(text, text) IS
'The time of the last reset of a ledger (subject or id), or without one its start of measurement: grants, voids and resets cannot act before it. No such ledger UC001; NULL 22004.';

-- Resets: ends of usage periods.

CREATE FUNCTION @extschema@.credit_reset(
    ledger text,
    effective_at timestamptz DEFAULT NULL,
    preserve_overage boolean DEFAULT false,
    idempotency_key text DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_reset_wrapper';

COMMENT ON FUNCTION @extschema@.credit_reset(text, timestamptz, boolean, text, text) IS
'Ends the usage period of a ledger (subject or id) at effective_at (NULL: the clock; not in the future, 22023; after the high watermark, UC202): grants without rollover are forfeited, the others roll over into children, overage is dropped unless preserve_overage. Locks the ledger. Gives {"reset": ..., "grants": [children], "replayed": ...}. A reset at the time of the last one with the same preserve_overage, or with the same idempotency_key and content, is a replay and gives the first answer; the key with other content is UC104. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION credit.reset_ledgers(
    subjects text[],
    effective_at timestamptz,
    preserve_overage boolean,
    namespace text
) RETURNS TABLE (
    reset bigint,
    already_reset bigint,
    skipped bigint
)
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'reset_ledgers_wrapper';

COMMENT ON FUNCTION credit.reset_ledgers(text[], timestamptz, boolean, text) IS
'Resets the ledgers of these subjects, in this order, as credit_reset does but without an answer, and counts: reset; those that have this very reset already; those whose high watermark is not before effective_at. Locks the first kind only. For credit_reset_all.';

-- A procedure that commits can have no SET clause. So that nobody's search path has a say, it names
-- the schema of everything, operators included.
CREATE PROCEDURE @extschema@.credit_reset_all(
    effective_at timestamptz,
    preserve_overage boolean DEFAULT false,
    batch_size integer DEFAULT 100,
    INOUT summary jsonb DEFAULT NULL,
    namespace text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    tenant pg_catalog.text;
    started_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    total pg_catalog.int8;
    last_subject pg_catalog.text := '';
    subjects pg_catalog.text[];
    -- So many ledgers are taken one by one, because a batch with them did not succeed.
    singly pg_catalog.int8 := 0;
    is_divided pg_catalog.bool;
    counts pg_catalog.record;
    -- What became of the ledgers.
    done pg_catalog.int8 := 0;
    reset pg_catalog.int8 := 0;
    already_reset pg_catalog.int8 := 0;
    skipped pg_catalog.int8 := 0;
    failed pg_catalog.int8 := 0;
    failed_in_a_row pg_catalog.int8 := 0;
    percent pg_catalog.int8;
    percent_told pg_catalog.int8 := 0;
    seconds pg_catalog.numeric;
    reason pg_catalog.text;
BEGIN
    -- In a transaction block this is refused, before anything is done.
    COMMIT;

    tenant := credit.current_namespace(namespace);
    PERFORM credit.check_time(effective_at, 'effective_at');
    PERFORM credit.check_given(preserve_overage IS NOT NULL, 'preserve_overage');
    PERFORM credit.check_given(batch_size IS NOT NULL, 'batch_size');
    IF batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"batch_size" must be positive',
            DETAIL = pg_catalog.format('It is %s.', batch_size),
            HINT = 'Give the number of ledgers that are reset in one transaction.';
    ELSIF effective_at OPERATOR(pg_catalog.>) started_at THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"effective_at" must not be in the future',
            DETAIL = pg_catalog.format('It is %s, now is %s.',
                credit.rfc3339(effective_at), credit.rfc3339(started_at));
    END IF;

    SELECT pg_catalog.count(*) INTO total
    FROM credit.ledgers AS l
    WHERE l.namespace OPERATOR(pg_catalog.=) tenant;

    -- In order of subject, so that two runs wait for each other instead of deadlocking.
    LOOP
        SELECT pg_catalog.array_agg(n.subject ORDER BY n.subject) INTO subjects
        FROM (
            SELECT l.subject
            FROM credit.ledgers AS l
            WHERE l.namespace OPERATOR(pg_catalog.=) tenant
                AND l.subject OPERATOR(pg_catalog.>) last_subject
            ORDER BY l.subject
            LIMIT CASE WHEN singly OPERATOR(pg_catalog.>) 0 THEN 1 ELSE batch_size END
        ) AS n;
        EXIT WHEN subjects IS NULL;

        is_divided := false;
        BEGIN
            SELECT c.reset, c.already_reset, c.skipped INTO counts
            FROM credit.reset_ledgers(subjects, effective_at, preserve_overage, tenant) AS c;
            reset := reset OPERATOR(pg_catalog.+) counts.reset;
            already_reset := already_reset OPERATOR(pg_catalog.+) counts.already_reset;
            skipped := skipped OPERATOR(pg_catalog.+) counts.skipped;
            failed_in_a_row := 0;
        EXCEPTION
        WHEN insufficient_privilege OR insufficient_resources OR system_error THEN
            -- This is not about one ledger, nor is anything that happens to one after another.
            RAISE;
        WHEN OTHERS THEN
            IF pg_catalog.cardinality(subjects) OPERATOR(pg_catalog.>) 1 THEN
                -- All of it is undone: find out which one it is.
                is_divided := true;
            ELSE
                failed := failed OPERATOR(pg_catalog.+) 1;
                failed_in_a_row := failed_in_a_row OPERATOR(pg_catalog.+) 1;
                IF failed_in_a_row OPERATOR(pg_catalog.>=) 100 THEN
                    RAISE;
                END IF;
                GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
                RAISE WARNING USING
                    ERRCODE = SQLSTATE,
                    MESSAGE = pg_catalog.format('ledger "%s" is not reset: %s',
                        subjects[1], SQLERRM),
                    DETAIL = pg_catalog.rtrim(
                        pg_catalog.format('SQLSTATE %s. %s', SQLSTATE, reason));
            END IF;
        END;
        COMMIT;
        IF is_divided THEN
            singly := pg_catalog.cardinality(subjects);
            CONTINUE;
        END IF;

        last_subject := subjects[pg_catalog.cardinality(subjects)];
        singly := GREATEST(singly OPERATOR(pg_catalog.-) 1, 0);
        done := done OPERATOR(pg_catalog.+) pg_catalog.cardinality(subjects);
        -- Ledgers may have been created meanwhile.
        total := GREATEST(total, done);
        percent := done OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
        IF singly OPERATOR(pg_catalog.=) 0 AND percent OPERATOR(pg_catalog.>) percent_told THEN
            percent_told := percent;
            seconds := EXTRACT(
                epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) started_at);
            RAISE INFO USING
                MESSAGE = pg_catalog.format('%s of %s ledgers', done, total),
                DETAIL = pg_catalog.format(
                    '%s reset, %s already reset, %s skipped, %s failed%s.',
                    reset, already_reset, skipped, failed,
                    -- Before, it would say little.
                    CASE WHEN seconds OPERATOR(pg_catalog.>=) 10 THEN pg_catalog.format(
                        '; %s a second', pg_catalog.round(done OPERATOR(pg_catalog./) seconds)) END);
        END IF;
    END LOOP;

    IF skipped OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE USING
            MESSAGE = pg_catalog.format('ledgers skipped: %s', skipped),
            DETAIL = pg_catalog.format(
                'They had another reset at %s or one after it, or are measured from then on only.',
                credit.rfc3339(effective_at));
    END IF;
    IF failed OPERATOR(pg_catalog.>) 0 THEN
        RAISE WARNING USING
            MESSAGE = pg_catalog.format('ledgers not reset: %s', failed),
            DETAIL = 'The warnings before this one say which, and why.',
            HINT = 'Call it again with the same arguments: what is done stays as it is.';
    END IF;
    summary := pg_catalog.jsonb_build_object(
        'reset', reset, 'alreadyReset', already_reset, 'skipped', skipped, 'failed', failed);
END;
$$;

COMMENT ON PROCEDURE @extschema@.credit_reset_all(timestamptz, boolean, integer, jsonb, text) IS
'Ends the usage period of every ledger of the namespace that the caller sees at effective_at (not NULL, not in the future), as credit_reset does, in order of subject; commits after every batch_size ledgers, so it is refused in a transaction block (2D000). Told as INFO: how far it is. Called again with the same arguments it goes on where it was interrupted, and changes nothing of ledgers that have that reset. Ledgers whose high watermark is not before effective_at are skipped. A ledger that cannot be reset (lock_timeout, say) is told as WARNING and the run goes on; 100 in a row, a missing privilege and a server in want end it with the error. summary is {"reset": ..., "alreadyReset": ..., "skipped": ..., "failed": ...}, whatever is passed. Needs EXECUTE on credit.reset_ledgers. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

-- Snapshots: sums of usage that are kept, so that reads do not get slower with history.
--
-- They are no facts: not dumped, and deleting them changes no answer. A row that came by another way
-- than by being taken here (COPY, logical replication) is ignored: the facts have other stamps there.

CREATE FUNCTION credit.is_taking_snapshot() RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'is_taking_snapshot_wrapper';

COMMENT ON FUNCTION credit.is_taking_snapshot() IS
'Whether credit is writing a snapshot at this moment. Labelled IMMUTABLE to stand in a GENERATED column, which nobody can set and every way of loading rows computes anew.';

CREATE TABLE credit.snapshots (
    ledger_id uuid NOT NULL,
    feature_id uuid NOT NULL,
    horizon xid8 NOT NULL,
    system_identifier bigint NOT NULL,
    format smallint NOT NULL,
    is_taken_here boolean NOT NULL GENERATED ALWAYS AS (credit.is_taking_snapshot()) STORED,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    data bytea NOT NULL
) WITH (toast_tuple_target = 8160);

COMMENT ON TABLE credit.snapshots IS
'Usage that was summed once, so that no read need sum it again. A cache: whatever is in it, balances are what the facts say, and deleting its rows costs time only.';
COMMENT ON COLUMN credit.snapshots.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.snapshots.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.snapshots.horizon IS 'It counted what transactions below it wrote, but for the few that data lists as running.';
COMMENT ON COLUMN credit.snapshots.system_identifier IS 'The cluster whose transactions those are; others ignore the row.';
COMMENT ON COLUMN credit.snapshots.format IS 'The version of data; other versions of the extension ignore the row.';
COMMENT ON COLUMN credit.snapshots.is_taken_here IS 'Whether the row was taken in this database; one that was loaded or replicated is ignored.';
COMMENT ON COLUMN credit.snapshots.begins_at IS 'It holds the state before this time, and the usage from it on phase by phase.';
COMMENT ON COLUMN credit.snapshots.ends_at IS 'The usage that it summed lies before this time.';
COMMENT ON COLUMN credit.snapshots.taken_at IS 'When it was taken, by the clock.';
COMMENT ON COLUMN credit.snapshots.data IS 'What it counted, the snapshots that it goes back to, the state and the sums.';

CREATE INDEX snapshots_idx ON credit.snapshots (ledger_id, feature_id, horizon);

COMMENT ON INDEX credit.snapshots_idx IS
'The newest snapshot of a feature of a ledger, and the ones before it. Not unique: two sessions may take the same one at once.';

-- A publication of all tables then refuses no pruning.
ALTER TABLE credit.snapshots REPLICA IDENTITY FULL;

CREATE FUNCTION @extschema@.credit_maintain(
    namespace text DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_maintain_wrapper';

COMMENT ON FUNCTION @extschema@.credit_maintain(text) IS
'Takes a snapshot for every ledger of the namespace that the caller sees, and every feature, that has credit.snapshot_interval events or more beyond its newest one; gives how many. Whoever writes usage does the same now and then, so this is only for events that came another way (a restore, COPY, logical replication) or in REPEATABLE READ or SERIALIZABLE. It changes no answer. Reads the events beyond the newest snapshots. Needs a READ COMMITTED transaction: otherwise 25001.';

-- Who may call what. PostgreSQL lets everybody execute a new function; here whatever writes is for
-- those only whom the operator grants it: credit is money, and a role that may look at a database
-- must not be able to make some. Tables give nothing to anybody by default; it is said again here,
-- for default privileges may have been altered. Roles and policies are the operator's: created here,
-- they would break restores.
--
-- What a role needs: USAGE on schema credit; SELECT on credit.ledgers to find ledgers, so that
-- row-level policies there decide whose; EXECUTE on what it is to call. Grants, usage, spends and
-- resets need no other table: once the ledger is found, the functions in Rust continue as the
-- owner. Those in PL/pgSQL never do: meters, features and ledgers need SELECT on their tables to be
-- read, and INSERT (UPDATE to archive a feature) and EXECUTE on credit.new_id
-- (credit.archive_feature) to be written.

REVOKE ALL ON SCHEMA credit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA credit FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA credit FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION credit.new_id(text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.archive_feature(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_meter(text, text, text[], boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_feature(text, text, jsonb, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_delete_feature(text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_ledger(text, jsonb, timestamptz, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_create_grant(text, text, numeric, integer, timestamptz, interval, timestamptz, text,
        numeric, interval, timestamptz, jsonb, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_void_grant(uuid, timestamptz, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest_batch(jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_ingest_arrays(text[], text[], numeric[], timestamptz[], text[], jsonb[], text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.reset_ledgers(text[], timestamptz, boolean, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_reset_all(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_maintain(text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_reset(text, timestamptz, boolean, text, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_try_consume(text, text, numeric, text, jsonb, numeric, jsonb, boolean, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_reserve(text, text, numeric, interval, text, jsonb, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_settle(uuid, numeric, numeric, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_release(uuid, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    @extschema@.credit_consume_batch(jsonb, text)
    FROM PUBLIC;
