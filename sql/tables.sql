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

-- A seal is written in steps, each by a row. Whoever takes events or looks for the seal remembers it:
-- the stamp tells all sessions that there is another row, however it comes here.
CREATE FUNCTION credit.stamp_seal() RETURNS xid8
LANGUAGE c IMMUTABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stamp_seal_wrapper';

COMMENT ON FUNCTION credit.stamp_seal() IS
'As credit.stamp(), for the table credit.seals: tells all sessions besides that there is another seal, when the transaction commits.';

CREATE TABLE credit.seals (
    namespace text NOT NULL,
    sealed_at timestamptz NOT NULL,
    step text NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp_seal()) STORED,
    PRIMARY KEY (namespace, sealed_at, step),
    CHECK (length(namespace) BETWEEN 1 AND 255),
    CHECK (sealed_at >= '0001-01-01 00:00:00+00' AND sealed_at < '10000-01-01 00:00:00+00'),
    CHECK (step IN ('ANNOUNCED', 'CLOSED', 'COMPLETE'))
);

COMMENT ON TABLE credit.seals IS
'Times before which nothing changes or is asked any more, because credit_retire sealed what was before. The latest of a namespace counts.';
COMMENT ON COLUMN credit.seals.namespace IS 'The tenant, 1 to 255 characters.';
COMMENT ON COLUMN credit.seals.sealed_at IS 'The time of the seal.';
COMMENT ON COLUMN credit.seals.step IS 'ANNOUNCED: nothing before it is taken or asked any more. CLOSED: all transactions have ended that might not have known. COMPLETE: every ledger has its checkpoint, and the events before it are of no use.';
COMMENT ON COLUMN credit.seals.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.seals.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.seals REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.seals
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.seals IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.seals', '');

CREATE TABLE credit.checkpoints (
    ledger_id uuid NOT NULL,
    sealed_at timestamptz NOT NULL,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL GENERATED ALWAYS AS (credit.stamp()) STORED,
    PRIMARY KEY (ledger_id, sealed_at),
    CHECK (jsonb_typeof(state) = 'object')
);

COMMENT ON TABLE credit.checkpoints IS
'What is known of a ledger at a seal: every balance and history from then on starts from it, and needs no event before it. A fact, unlike a snapshot: the events may be gone.';
COMMENT ON COLUMN credit.checkpoints.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.checkpoints.sealed_at IS 'The time of the seal: credit.seals.sealed_at. The latest of a ledger counts.';
COMMENT ON COLUMN credit.checkpoints.state IS '{"version": 1, "features": {id: {...}}}, amounts as strings of plain decimals, times in RFC 3339; a feature of which nothing happened before is not there. Of a feature: firstUsageAt; usage since the last reset; overage; phase: number, overage carried in and debits (owed), usage so far (used); grants: id, amount, paid in all, and for one that is active its balance, what a correction may give back (returnable), the phase it last paid in, and the same where the phase began.';
COMMENT ON COLUMN credit.checkpoints.created_at IS 'When the row was written, by the clock.';
COMMENT ON COLUMN credit.checkpoints.xid IS 'The transaction that inserted the row, in this cluster.';

ALTER TABLE credit.checkpoints REPLICA IDENTITY FULL;

CREATE TRIGGER refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON credit.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION credit.refuse_change();

COMMENT ON TRIGGER refuse_change ON credit.checkpoints IS
'Append-only: UPDATE, DELETE and TRUNCATE by hand are refused.';

SELECT pg_catalog.pg_extension_config_dump('credit.checkpoints', '');
