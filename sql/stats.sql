-- What an operator looks at: plain views over the facts, each row found through an index, so that a
-- condition on namespace and subject costs one ledger's rows. security_invoker: nobody sees through
-- them what he may not see in the tables, row-level policies included.

CREATE FUNCTION credit.first_stream_id(namespace text, subject text) RETURNS bigint
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'first_stream_id_wrapper';

COMMENT ON FUNCTION credit.first_stream_id(text, text) IS
'The least id that a stream of the subject can have in credit.streams; the greatest is 4294967295 more. Other subjects with the same hash may lie between. NULL gives NULL.';

CREATE FUNCTION credit.usage_id(meter_id uuid, filters jsonb) RETURNS uuid
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'usage_id_wrapper';

COMMENT ON FUNCTION credit.usage_id(uuid, jsonb) IS
'The identity of the usage of a meter that passes a feature''s filters (NULL or {}: all of it). Snapshots of features without grants are kept under it, one for all that count the same. No meter gives NULL. Filters that are no object of strings: 22023.';

CREATE VIEW credit.stat_ledgers WITH (security_invoker = true) AS
SELECT
    l.namespace,
    l.subject,
    l.id AS ledger_id,
    l.measure_from,
    l.created_at,
    g.grants,
    g.children,
    v.voids,
    r.resets,
    r.last_reset_at,
    s.spends,
    s.last_spend_at,
    u.events,
    u.last_event_at
FROM credit.ledgers AS l
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE parent_id IS NULL) AS grants,
        count(*) FILTER (WHERE parent_id IS NOT NULL) AS children
    FROM credit.grants WHERE ledger_id = l.id
) AS g
CROSS JOIN LATERAL (
    SELECT count(*) AS voids FROM credit.grant_voids WHERE ledger_id = l.id
) AS v
CROSS JOIN LATERAL (
    SELECT count(*) AS resets, max(effective_at) AS last_reset_at
    FROM credit.resets WHERE ledger_id = l.id
) AS r
CROSS JOIN LATERAL (
    SELECT count(*) AS spends, max(created_at) AS last_spend_at
    FROM credit.spends WHERE ledger_id = l.id
) AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS events, max(e.occurred_at) AS last_event_at
    FROM credit.streams AS t
    JOIN credit.meters AS m ON m.id = t.meter_id AND m.namespace = l.namespace
    JOIN credit.usage_events AS e ON e.stream_id = t.id
    WHERE t.id >= credit.first_stream_id(l.namespace, l.subject)
        AND t.id <= credit.first_stream_id(l.namespace, l.subject) + 4294967295
        AND t.subject = l.subject
) AS u;

COMMENT ON VIEW credit.stat_ledgers IS
'One row a ledger: how much there is of everything. Reads all of it: give a namespace and a subject, or time.';
COMMENT ON COLUMN credit.stat_ledgers.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_ledgers.subject IS 'Whose account it is.';
COMMENT ON COLUMN credit.stat_ledgers.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.stat_ledgers.measure_from IS 'The start of measurement.';
COMMENT ON COLUMN credit.stat_ledgers.created_at IS 'When the ledger was created.';
COMMENT ON COLUMN credit.stat_ledgers.grants IS 'Grants that were granted, debits included.';
COMMENT ON COLUMN credit.stat_ledgers.children IS 'Children of resets, those that came to nothing included. With grants, what a read has to load.';
COMMENT ON COLUMN credit.stat_ledgers.voids IS 'Grants that were voided.';
COMMENT ON COLUMN credit.stat_ledgers.resets IS 'Resets.';
COMMENT ON COLUMN credit.stat_ledgers.last_reset_at IS 'The time of the last one.';
COMMENT ON COLUMN credit.stat_ledgers.spends IS 'Spends, settled holds included.';
COMMENT ON COLUMN credit.stat_ledgers.last_spend_at IS 'When the last one was written.';
COMMENT ON COLUMN credit.stat_ledgers.events IS 'Usage events of the subject, on all meters.';
COMMENT ON COLUMN credit.stat_ledgers.last_event_at IS 'The latest time of one; may lie in the future.';

CREATE VIEW credit.stat_usage WITH (security_invoker = true) AS
SELECT
    m.namespace,
    t.subject,
    m.slug AS meter,
    t.id AS stream_id,
    l.id AS ledger_id,
    e.events,
    e.corrections,
    e.value,
    e.first_at,
    e.last_at
FROM credit.streams AS t
JOIN credit.meters AS m ON m.id = t.meter_id
LEFT JOIN credit.ledgers AS l ON l.namespace = m.namespace AND l.subject = t.subject
CROSS JOIN LATERAL (
    SELECT
        count(*) AS events,
        count(*) FILTER (WHERE u.value < 0) AS corrections,
        sum(u.value) AS value,
        min(u.occurred_at) AS first_at,
        max(u.occurred_at) AS last_at
    FROM credit.usage_events AS u
    WHERE u.stream_id = t.id
) AS e;

COMMENT ON VIEW credit.stat_usage IS
'One row a stream: the usage of a subject on a meter. ledger_id IS NULL: the subject has no ledger (yet, or the name is misspelt), and nobody''s credit is burned.';
COMMENT ON COLUMN credit.stat_usage.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_usage.subject IS 'Whose usage it is.';
COMMENT ON COLUMN credit.stat_usage.meter IS 'On which meter: its slug.';
COMMENT ON COLUMN credit.stat_usage.stream_id IS 'The stream: credit.streams.id. Two of one subject and meter are legal.';
COMMENT ON COLUMN credit.stat_usage.ledger_id IS 'The ledger of the subject: credit.ledgers.id; NULL where there is none.';
COMMENT ON COLUMN credit.stat_usage.events IS 'How many events there are.';
COMMENT ON COLUMN credit.stat_usage.corrections IS 'How many of them have a negative value.';
COMMENT ON COLUMN credit.stat_usage.value IS 'What they come to.';
COMMENT ON COLUMN credit.stat_usage.first_at IS 'The earliest time of one.';
COMMENT ON COLUMN credit.stat_usage.last_at IS 'The latest time of one.';

CREATE VIEW credit.stat_usage_without_ledger WITH (security_invoker = true) AS
SELECT namespace, subject, meter, stream_id, events, corrections, value, first_at, last_at
FROM credit.stat_usage
WHERE ledger_id IS NULL;

COMMENT ON VIEW credit.stat_usage_without_ledger IS
'The rows of credit.stat_usage whose subject has no ledger: usage that burns nobody''s credit.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.subject IS 'Whose usage it is.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.meter IS 'On which meter: its slug.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.stream_id IS 'The stream: credit.streams.id.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.events IS 'How many events there are.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.corrections IS 'How many of them have a negative value.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.value IS 'What they come to.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.first_at IS 'The earliest time of one.';
COMMENT ON COLUMN credit.stat_usage_without_ledger.last_at IS 'The latest time of one.';

CREATE VIEW credit.stat_snapshots WITH (security_invoker = true) AS
SELECT
    l.namespace,
    l.subject,
    l.id AS ledger_id,
    f.name AS feature,
    f.id AS feature_id,
    s.snapshots,
    s.bytes,
    s.newest_taken_at,
    e.tail_events
FROM credit.ledgers AS l
JOIN credit.features AS f ON f.namespace = l.namespace
JOIN credit.meters AS m ON m.namespace = f.namespace AND m.slug = f.meter_slug
CROSS JOIN LATERAL (
    SELECT
        count(*) AS snapshots,
        coalesce(sum(pg_column_size(n.data)), 0) AS bytes,
        max(n.taken_at) AS newest_taken_at,
        max(n.horizon) AS horizon
    FROM credit.snapshots AS n
    WHERE n.ledger_id = l.id AND n.is_taken_here
        AND (
            n.feature_id = f.id
            -- The features that count the same have it together, each until its first grant.
            OR n.feature_id = credit.usage_id(m.id, f.meter_group_by_filters)
            AND NOT EXISTS (
                SELECT FROM credit.grants AS g
                WHERE g.ledger_id = l.id AND g.feature_id = f.id AND g.xid < n.horizon
            )
        )
        AND n.system_identifier = (SELECT c.system_identifier FROM pg_control_system() AS c)
) AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS tail_events
    FROM credit.streams AS t
    JOIN credit.usage_events AS u
        ON u.stream_id = t.id AND u.xid >= coalesce(s.horizon, '0'::xid8)
    WHERE t.meter_id = m.id AND t.id >= credit.first_stream_id(l.namespace, l.subject)
        AND t.id <= credit.first_stream_id(l.namespace, l.subject) + 4294967295
        AND t.subject = l.subject
) AS e
WHERE s.snapshots > 0 OR e.tail_events > 0;

COMMENT ON VIEW credit.stat_snapshots IS
'One row a ledger and feature with usage or snapshots: what a read of it goes on from, and how far it has to read. A long tail_events (thousands) means that nobody takes snapshots there: call credit_maintain().';
COMMENT ON COLUMN credit.stat_snapshots.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_snapshots.subject IS 'Whose ledger it is.';
COMMENT ON COLUMN credit.stat_snapshots.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.stat_snapshots.feature IS 'The feature, by name.';
COMMENT ON COLUMN credit.stat_snapshots.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.stat_snapshots.snapshots IS 'How many snapshots this cluster took, for no reader uses others (those from before a pg_upgrade, say); some 10 to 40 after millions of events. Features of one meter that filter alike, and of which the ledger has had no grant, have the same ones.';
COMMENT ON COLUMN credit.stat_snapshots.bytes IS 'How large they are together.';
COMMENT ON COLUMN credit.stat_snapshots.newest_taken_at IS 'When the newest was taken.';
COMMENT ON COLUMN credit.stat_snapshots.tail_events IS 'Usage events on the feature''s meter beyond the newest one, which each read adds up; all of them where there is none.';

CREATE VIEW credit.stat_holds WITH (security_invoker = true) AS
SELECT
    l.namespace,
    l.subject,
    l.id AS ledger_id,
    f.name AS feature,
    f.id AS feature_id,
    h.open,
    h.held,
    h.oldest_open_at,
    h.expired,
    h.settled,
    h.released
FROM credit.ledgers AS l
CROSS JOIN LATERAL (
    SELECT
        o.feature_id,
        count(*) FILTER (WHERE o.is_open) AS open,
        coalesce(sum(o.amount) FILTER (WHERE o.is_open), 0) AS held,
        min(o.held_at) FILTER (WHERE o.is_open) AS oldest_open_at,
        count(*) FILTER (WHERE o.state IS NULL AND NOT o.is_open) AS expired,
        count(*) FILTER (WHERE o.state = 'SETTLED') AS settled,
        count(*) FILTER (WHERE o.state = 'RELEASED') AS released
    FROM (
        SELECT
            d.feature_id,
            d.amount,
            d.held_at,
            e.state,
            e.state IS NULL AND d.expires_at > clock_timestamp() AS is_open
        FROM credit.holds AS d
        LEFT JOIN credit.hold_ends AS e ON e.hold_id = d.id
        WHERE d.ledger_id = l.id
    ) AS o
    GROUP BY o.feature_id
) AS h
JOIN credit.features AS f ON f.id = h.feature_id;

COMMENT ON VIEW credit.stat_holds IS
'One row a ledger and feature with holds: what is open, and what became of the others.';
COMMENT ON COLUMN credit.stat_holds.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_holds.subject IS 'Whose ledger it is.';
COMMENT ON COLUMN credit.stat_holds.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.stat_holds.feature IS 'The feature, by name.';
COMMENT ON COLUMN credit.stat_holds.feature_id IS 'The feature: credit.features.id.';
COMMENT ON COLUMN credit.stat_holds.open IS 'How many are open now.';
COMMENT ON COLUMN credit.stat_holds.held IS 'What the open ones hold together, in units of the meter.';
COMMENT ON COLUMN credit.stat_holds.oldest_open_at IS 'When the oldest open one was made.';
COMMENT ON COLUMN credit.stat_holds.expired IS 'How many ended by themselves. Many: callers die between credit_reserve and credit_settle.';
COMMENT ON COLUMN credit.stat_holds.settled IS 'How many were settled.';
COMMENT ON COLUMN credit.stat_holds.released IS 'How many were released.';

CREATE VIEW credit.stat_late_events WITH (security_invoker = true) AS
SELECT
    l.namespace,
    l.subject,
    l.id AS ledger_id,
    r.effective_at AS reset_at,
    e.events,
    e.value,
    e.first_at
FROM credit.ledgers AS l
CROSS JOIN LATERAL (
    SELECT s.effective_at, s.xid
    FROM credit.resets AS s
    WHERE s.ledger_id = l.id
    ORDER BY s.effective_at DESC
    LIMIT 1
) AS r
CROSS JOIN LATERAL (
    SELECT count(*) AS events, sum(u.value) AS value, min(u.occurred_at) AS first_at
    FROM credit.streams AS t
    JOIN credit.meters AS m ON m.id = t.meter_id AND m.namespace = l.namespace
    JOIN credit.usage_events AS u ON u.stream_id = t.id AND u.xid > r.xid
    WHERE t.id >= credit.first_stream_id(l.namespace, l.subject)
        AND t.id <= credit.first_stream_id(l.namespace, l.subject) + 4294967295
        AND t.subject = l.subject
        AND u.occurred_at < r.effective_at
) AS e
WHERE e.events > 0;

COMMENT ON VIEW credit.stat_late_events IS
'One row a ledger whose last reset was followed by usage dated before it: what was closed and has changed since, as it should. Told by the transactions that wrote them, which a restore makes anew: for resets from before a restore it says nothing of use.';
COMMENT ON COLUMN credit.stat_late_events.namespace IS 'The tenant.';
COMMENT ON COLUMN credit.stat_late_events.subject IS 'Whose ledger it is.';
COMMENT ON COLUMN credit.stat_late_events.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.stat_late_events.reset_at IS 'The time of the last reset.';
COMMENT ON COLUMN credit.stat_late_events.events IS 'How many events that lie before it were written by transactions that began to write after its own.';
COMMENT ON COLUMN credit.stat_late_events.value IS 'What they come to.';
COMMENT ON COLUMN credit.stat_late_events.first_at IS 'The earliest time of one.';

CREATE FUNCTION @extschema@.credit_check(
    ledger text,
    namespace text DEFAULT NULL
) RETURNS TABLE (
    feature_id uuid,
    feature text,
    snapshot xid8,
    at timestamptz,
    what text,
    grant_id uuid,
    cached numeric,
    computed numeric
)
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_check_wrapper';

COMMENT ON FUNCTION @extschema@.credit_check(text, text) IS
'Computes a ledger (subject or id) from its facts alone and compares: one row for each number that is another when computed from what is cached, no row when all is well. snapshot is the horizon of the snapshot in credit.snapshots that leads to cached (NULL: the lists of open holds), at the time asked for (now, and where its sums end), what balance, overage, usage, held by open holds, or amount, balance or paid of the grant grant_id. A row is a bug, or somebody''s hand in a table: DELETE FROM credit.snapshots WHERE ledger_id = ... repairs what readers see at once, without any other effect, even where it finds no row: sessions keep snapshots in memory, too. Reads all events of the ledger, once for each snapshot. Changes nothing. No such ledger UC001, NULL 22004.';
