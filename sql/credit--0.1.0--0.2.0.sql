\echo Use "ALTER EXTENSION credit UPDATE TO '0.2.0'" to load this file. \quit

-- From 0.1.0 to 0.2.0.
--
-- How a change gets here: whatever is added to or changed in the other files of sql/ gets its step
-- below, in the same commit, with its reason; bin/test upgrade compares the catalogue after this
-- script with that of a fresh install, and is red until the two are the same.
-- * New objects: the same text as in the file of sql/, comments and privileges included. REVOKE is
--   not inherited: sql/privileges.sql revokes on all tables and on named functions once, at the
--   install; here each new object that is not for everybody is revoked by name.
-- * New columns come last, here and in sql/tables.sql. A column of an append-only table is added
--   without rewriting it (no volatile default, nothing generated): the stamps, which a rewrite would
--   compute anew, say which transaction wrote a row.
-- * Functions: CREATE OR REPLACE keeps privileges and dependent views. Another argument or result
--   needs DROP FUNCTION first: what users built on it is then refused, as it should be (no CASCADE),
--   and its REVOKE has to be said again.
-- * New tables of facts: pg_extension_config_dump, refuse_change trigger, REPLICA IDENTITY FULL.
-- * C symbols that sql/credit--0.1.0.sql names stay in the library as long as that file is here.
-- * No CREATE POLICY, no CREATE ROLE, no IF NOT EXISTS (an object that somebody else made is not
--   ours to trust).
-- Once 0.2.0 is released this file is frozen as well (tests/upgrade/frozen.sha256).

-- As in sql/schema.sql: names mean PostgreSQL's own objects, so that nothing planted in the schema
-- of the extension is bound into it. ALTER EXTENSION puts the path back.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL default_table_access_method = heap;

-- Snapshots hold the engine's state in the form of the version that took them. What this version
-- reads, it is to have summed itself: deleting them changes no answer, and the next writers (or
-- credit_maintain) take new ones.
DELETE FROM credit.snapshots;

COMMENT ON COLUMN credit.snapshots.feature_id IS 'The feature: credit.features.id; credit.usage_id() for those of which the ledger has had no grant, until it is sealed.';

-- The steps of the features of 0.2.0: objects and their comments.

-- Snapshots that a session keeps in memory (sql/snapshots.sql).

COMMENT ON TABLE credit.snapshots IS
'Usage that was summed once, so that no read need sum it again. A cache: whatever is in it, balances are what the facts say, and deleting its rows costs time only. Sessions keep others in memory, and forget them when rows are deleted.';

CREATE FUNCTION credit.forget_snapshots() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'forget_snapshots_wrapper';

COMMENT ON FUNCTION credit.forget_snapshots() IS
'Trigger: has every session forget the snapshots that it keeps in memory, this one at once and the others when the transaction commits.';

CREATE TRIGGER forget_snapshots
    AFTER DELETE OR TRUNCATE ON credit.snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION credit.forget_snapshots();
ALTER TABLE credit.snapshots ENABLE ALWAYS TRIGGER forget_snapshots;

COMMENT ON TRIGGER forget_snapshots ON credit.snapshots IS
'Who deletes rows, one or none, deletes what sessions keep in memory along with them.';

CREATE TRIGGER forget_snapshots
    AFTER UPDATE OR DELETE OR TRUNCATE ON credit.usage_events
    FOR EACH STATEMENT EXECUTE FUNCTION credit.forget_snapshots();
ALTER TABLE credit.usage_events ENABLE ALWAYS TRIGGER forget_snapshots;

COMMENT ON TRIGGER forget_snapshots ON credit.usage_events IS
'Whoever changes rows by hand, or takes that back, has sessions forget what they keep in memory.';

CREATE TRIGGER forget_snapshots
    AFTER UPDATE OR DELETE OR TRUNCATE ON credit.grants
    FOR EACH STATEMENT EXECUTE FUNCTION credit.forget_snapshots();
ALTER TABLE credit.grants ENABLE ALWAYS TRIGGER forget_snapshots;

COMMENT ON TRIGGER forget_snapshots ON credit.grants IS
'Whoever changes rows by hand, or takes that back, has sessions forget what they keep in memory.';

CREATE TRIGGER forget_snapshots
    AFTER UPDATE OR DELETE OR TRUNCATE ON credit.grant_voids
    FOR EACH STATEMENT EXECUTE FUNCTION credit.forget_snapshots();
ALTER TABLE credit.grant_voids ENABLE ALWAYS TRIGGER forget_snapshots;

COMMENT ON TRIGGER forget_snapshots ON credit.grant_voids IS
'Whoever changes rows by hand, or takes that back, has sessions forget what they keep in memory.';

CREATE TRIGGER forget_snapshots
    AFTER UPDATE OR DELETE OR TRUNCATE ON credit.resets
    FOR EACH STATEMENT EXECUTE FUNCTION credit.forget_snapshots();
ALTER TABLE credit.resets ENABLE ALWAYS TRIGGER forget_snapshots;

COMMENT ON TRIGGER forget_snapshots ON credit.resets IS
'Whoever changes rows by hand, or takes that back, has sessions forget what they keep in memory.';

-- What an operator looks at (sql/stats.sql).

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

-- Rights: refunds are a right of their own, policies on ledgers bind ingest, and roles have levels.
COMMENT ON FUNCTION @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text) IS
'Spends amount (at most 12 decimals, below 10^15; on a COUNT meter 1 or -1) of a feature (name or id) on a ledger (subject or id), now: a usage event on the meter of the feature, with the values that it filters by and the dimensions given. Not enough is available, and no overdraft (not negative) covers it: UC301, and nothing is written. A negative amount is a refund and always allowed, to whoever may execute credit.may_refund (otherwise 42501). Locks the ledger until the transaction ends; the time is taken after the lock. A replay of idempotency_key gives the first answer; with other content UC104. No such ledger UC001, feature UC002; before the start of measurement UC202; bad input 22023, out of range 22003, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_ingest(text, text, numeric, timestamptz, jsonb, text, text) IS
'Writes one usage event: this subject used value (at most 12 decimals, below 10^15; negative for a correction, with EXECUTE on credit.may_refund, otherwise 42501; on a COUNT meter 1 or -1) on the meter of this slug at occurred_at (NULL: the clock; may be late or in the future, years 1 to 9999), with dimensions a JSON object of strings, of dimensions that the meter has. The ledger may come later, unless row-level policies on credit.ledgers bind the caller: then it must be one that the caller sees (UC001). Takes no lock that others wait for. True; false for a replay of idempotency_key, which writes nothing; the key with other content UC104. No such meter UC004; bad input 22023, out of range 22003, NULL 22004.';

-- A privilege in the shape of a function: Rust looks whether the caller may execute it. A negative
-- amount makes credit as a grant does, so EXECUTE on what spends or ingests is not enough for one.
CREATE FUNCTION credit.may_refund() RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN true;

COMMENT ON FUNCTION credit.may_refund() IS
'EXECUTE on it is the right to refund and to correct: to give a negative amount or value to the functions that spend or ingest, which are otherwise 42501. Does nothing; true to whoever may.';

-- What is open to PUBLIC is granted too: it may have been revoked, or never given because default
-- privileges were altered.
CREATE FUNCTION credit.allow(role regrole, level text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    levels CONSTANT text[] := '{nothing,read,spend,administer}';
    spending CONSTANT text[] := '{credit_ingest,credit_ingest_batch,credit_ingest_arrays,
        credit_consume,credit_try_consume,credit_consume_batch,
        credit_reserve,credit_settle,credit_release}';
    rank int;
    owner regrole;
    grantee text;
    relation record;
    routine record;
BEGIN
    PERFORM credit.check_given(role IS NOT NULL, 'role');
    PERFORM credit.check_choice(level, levels, 'level');
    rank := array_position(levels, level) - 1;
    SELECT quote_ident(r.rolname) INTO grantee FROM pg_roles AS r WHERE r.oid = role;
    IF grantee IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = '42704',
            MESSAGE = 'role does not exist',
            DETAIL = format('There is none with OID %s.', role::oid);
    END IF;
    SELECT n.nspowner INTO owner FROM pg_namespace AS n WHERE n.nspname = 'credit';
    IF NOT pg_has_role(owner, 'USAGE') THEN
        -- GRANT would warn only.
        RAISE EXCEPTION USING
            ERRCODE = '42501',
            MESSAGE = 'permission denied to grant rights of the extension',
            DETAIL = format('%s is neither a superuser nor the owner.', quote_ident(current_user)),
            HINT = format('Call it as %s.', owner);
    ELSIF role = owner THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"role" must not be the owner of the extension',
            DETAIL = format('It is %s, whose rights the functions use.', grantee),
            HINT = 'Give another role.';
    END IF;

    -- Two at once, or another command that changes a table beside this one (VACUUM FULL, say), would change the same
    -- rows of the catalogue, which is an internal error (XX000).
    FOR relation IN
        SELECT c.oid::regclass AS name FROM pg_class AS c
        WHERE c.relnamespace = 'credit'::regnamespace AND c.relkind = 'r' ORDER BY c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', relation.name);
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA credit FROM %s', grantee);
    FOR relation IN
        SELECT c.oid::regclass AS name
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        JOIN pg_class AS c ON c.oid = d.objid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_class'::regclass
            AND d.deptype = 'e' AND e.extname = 'credit' AND c.relkind IN ('r', 'v', 'S')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation.name, grantee);
    END LOOP;
    FOR routine IN
        SELECT p.oid::regprocedure AS name,
            CASE
                WHEN p.provolatile <> 'v' THEN 1
                WHEN p.proname = ANY (spending) THEN 2
                -- Not for a role to pass on.
                WHEN p.proname = 'allow' THEN 4
                ELSE 3
            END AS rank
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        JOIN pg_proc AS p ON p.oid = d.objid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_proc'::regclass
            AND d.deptype = 'e' AND e.extname = 'credit'
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s', routine.name, grantee);
        IF routine.rank <= rank THEN
            EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', routine.name, grantee);
        END IF;
    END LOOP;
    IF rank >= 1 THEN
        EXECUTE format('GRANT USAGE ON SCHEMA credit TO %s', grantee);
        EXECUTE format(
            'GRANT SELECT ON credit.ledgers, credit.meters, credit.features TO %s', grantee);
    END IF;
    IF rank >= 3 THEN
        EXECUTE format(
            'GRANT INSERT ON credit.ledgers, credit.meters, credit.features TO %s', grantee);
        EXECUTE format('GRANT UPDATE (archived_at, updated_at) ON credit.features TO %s', grantee);
    END IF;
END;
$$;

COMMENT ON FUNCTION credit.allow(regrole, text) IS
'Gives a role exactly what it needs of the extension, and takes what it had of it before: level read (all that computes and lists), spend (read; usage, spends and holds, none of them negative), administer (spend; everything else, refunds and corrections included) or nothing. Issues GRANT and REVOKE with the rights of the caller, who must be a superuser or the owner. Call it again after ALTER EXTENSION credit UPDATE. Another level is 22023, as is the owner for a role; NULL 22004.';

-- A standby refuses to write: credit_reset_all ends with that error instead of telling it ledger by
-- ledger, and credit_maintain where it has nothing to take, too.

-- A procedure that commits can have no SET clause. So that nobody's search path has a say, it names
-- the schema of everything, operators included.
CREATE OR REPLACE PROCEDURE @extschema@.credit_reset_all(
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
        WHEN insufficient_privilege OR read_only_sql_transaction OR insufficient_resources
            OR system_error THEN
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
'Ends the usage period of every ledger of the namespace that the caller sees at effective_at (not NULL, not in the future), as credit_reset does, in order of subject; commits after every batch_size ledgers, so it is refused in a transaction block (2D000). Told as INFO: how far it is. Called again with the same arguments it goes on where it was interrupted, and changes nothing of ledgers that have that reset. Ledgers whose high watermark is not before effective_at are skipped. A ledger that cannot be reset (lock_timeout, say) is told as WARNING and the run goes on; 100 in a row, a missing privilege, a standby or a read-only session, and a server in want end it with the error. summary is {"reset": ..., "alreadyReset": ..., "skipped": ..., "failed": ...}, whatever is passed. Needs EXECUTE on credit.reset_ledgers. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

COMMENT ON FUNCTION @extschema@.credit_maintain(text) IS
'Takes a snapshot for every ledger of the namespace that the caller sees, and every feature, that has credit.snapshot_interval events or more beyond its newest one; gives how many. Whoever writes usage does the same now and then, so this is only for events that came another way (a restore, COPY, logical replication) or in REPEATABLE READ or SERIALIZABLE. It changes no answer. Reads the events beyond the newest snapshots. Needs a READ COMMITTED transaction: otherwise 25001; one that may write: otherwise 25006.';

-- Retention: seals and checkpoints, and the functions that write them.
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

CREATE FUNCTION credit.sealed_at(namespace text) RETURNS timestamptz
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sealed_at_wrapper';

COMMENT ON FUNCTION credit.sealed_at(text) IS
'The seal of a namespace (NULL: the setting credit.namespace): the time that credit_retire was called with last, as of now, whatever the snapshot of the transaction sees. NULL where nothing is sealed.';

-- Retention: the history of a namespace is sealed, and the events before the seal deleted.

CREATE FUNCTION credit.announce_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'announce_seal_wrapper';

COMMENT ON FUNCTION credit.announce_seal(timestamptz, text) IS
'The first step of a seal: from the commit on, nothing before it is taken or asked. false: that was so already. A time in the future or before the newest seal is 22023, a hold that is open from before it 55000. For credit_retire.';

CREATE FUNCTION credit.close_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'close_seal_wrapper';

COMMENT ON FUNCTION credit.close_seal(timestamptz, text) IS
'The second step of a seal: waits for the end of every transaction that has written usage or created a ledger, in any namespace, and keeps no new one waiting. false: that was done. Before the first step is committed 55000. For credit_retire.';

CREATE FUNCTION credit.seal_ledgers(
    sealed_at timestamptz,
    after_subject text,
    most integer,
    namespace text
) RETURNS TABLE (
    last_subject text,
    sealed bigint,
    already_sealed bigint
)
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seal_ledgers_wrapper';

COMMENT ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) IS
'The third step of a seal: locks the next ledgers that are measured from before it, in order of subject, and writes their checkpoints: of as many at most, and fewer where that takes more than a quarter of a second. last_subject is NULL where there is none left. Before the second step 55000. For credit_retire.';

CREATE FUNCTION credit.complete_seal(sealed_at timestamptz, namespace text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'complete_seal_wrapper';

COMMENT ON FUNCTION credit.complete_seal(timestamptz, text) IS
'The fourth step of a seal: checks that all ledgers have their checkpoints, 55000 where one has none. false: that was done. For credit_retire.';

CREATE FUNCTION credit.delete_sealed_events(
    sealed_at timestamptz,
    first_page bigint,
    pages integer,
    namespace text
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'delete_sealed_events_wrapper';

COMMENT ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) IS
'The last step of a seal: deletes the events of the namespace before it that lie in these pages of credit.usage_events; gives how many. Before the fourth step 55000. For credit_retire.';

-- A procedure that commits can have no SET clause. So that nobody's search path has a say, it names
-- the schema of everything, operators included.
CREATE PROCEDURE @extschema@.credit_retire(
    before timestamptz,
    delete_events boolean DEFAULT true,
    batch_size integer DEFAULT 100,
    INOUT summary jsonb DEFAULT NULL,
    namespace text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    tenant pg_catalog.text;
    total pg_catalog.int8;
    last_subject pg_catalog.text := '';
    batch pg_catalog.record;
    done pg_catalog.int8 := 0;
    page pg_catalog.int8 := 0;
    percent pg_catalog.int8;
    percent_told pg_catalog.int8 := 0;
    -- What became of ledgers and events.
    sealed pg_catalog.int8 := 0;
    already_sealed pg_catalog.int8 := 0;
    deleted pg_catalog.int8 := 0;
BEGIN
    -- In a transaction block this is refused, before anything is done.
    COMMIT;

    tenant := credit.current_namespace(namespace);
    PERFORM credit.check_time(before, 'before');
    PERFORM credit.check_given(delete_events IS NOT NULL, 'delete_events');
    PERFORM credit.check_given(batch_size IS NOT NULL, 'batch_size');
    IF batch_size OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = '22023',
            MESSAGE = '"batch_size" must be positive',
            DETAIL = pg_catalog.format('It is %s.', batch_size),
            HINT = 'Give the number of ledgers, and of pages of usage, that are worked on in one transaction.';
    END IF;

    -- Each step tells whether there was anything to do, and is sure of those before.
    PERFORM credit.announce_seal(before, tenant);
    COMMIT;
    PERFORM credit.close_seal(before, tenant);
    COMMIT;

    SELECT pg_catalog.count(*) INTO total
    FROM credit.ledgers AS l
    WHERE l.namespace OPERATOR(pg_catalog.=) tenant
        AND l.measure_from OPERATOR(pg_catalog.<) before;
    LOOP
        SELECT s.last_subject, s.sealed, s.already_sealed INTO batch
        FROM credit.seal_ledgers(before, last_subject, batch_size, tenant) AS s;
        EXIT WHEN batch.last_subject IS NULL;
        COMMIT;
        last_subject := batch.last_subject;
        sealed := sealed OPERATOR(pg_catalog.+) batch.sealed;
        already_sealed := already_sealed OPERATOR(pg_catalog.+) batch.already_sealed;
        done := sealed OPERATOR(pg_catalog.+) already_sealed;
        -- The owner may not see all ledgers, where policies are forced.
        total := GREATEST(total, done);
        percent := done OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
        IF percent OPERATOR(pg_catalog.>) percent_told THEN
            percent_told := percent;
            RAISE INFO USING
                MESSAGE = pg_catalog.format('%s of %s ledgers sealed', done, total);
        END IF;
    END LOOP;
    PERFORM credit.complete_seal(before, tenant);
    COMMIT;

    IF delete_events THEN
        -- Pages that are added from now on have no event before the seal.
        total := pg_catalog.pg_relation_size('credit.usage_events'::pg_catalog.regclass)
            OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8;
        percent_told := 0;
        WHILE page OPERATOR(pg_catalog.<) total LOOP
            deleted := deleted OPERATOR(pg_catalog.+)
                credit.delete_sealed_events(before, page, batch_size, tenant);
            COMMIT;
            page := page OPERATOR(pg_catalog.+) batch_size;
            percent := LEAST(page, total) OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) total;
            IF percent OPERATOR(pg_catalog.>) percent_told THEN
                percent_told := percent;
                RAISE INFO USING
                    MESSAGE = pg_catalog.format('%s of %s pages of usage', LEAST(page, total), total),
                    DETAIL = pg_catalog.format('%s events deleted.', deleted);
            END IF;
        END LOOP;
    END IF;
    summary := pg_catalog.jsonb_build_object(
        'sealed', sealed, 'alreadySealed', already_sealed, 'deleted', deleted);
END;
$$;

COMMENT ON PROCEDURE @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text) IS
'Seals the history of the namespace at before (not NULL, not in the future, not before the seal there is) and, unless delete_events is false, deletes the usage events before it. From the first commit on, events, grants, voids, resets and reads before it are refused (UC207, UC202; see the setting credit.events_before_seal). Then it waits for the transactions that have written usage or created a ledger (and for a VACUUM of credit.usage_events), gives every ledger its checkpoint under the lock of the ledger, from which balances and histories are exact without the events, and deletes these. Commits after every batch_size ledgers or a quarter of a second, and every batch_size pages of usage, so it is refused in a transaction block (2D000); READ COMMITTED only (25001). Told as INFO: how far it is. Called again with the same before it goes on where it was interrupted. A hold that is open from before is 55000. summary is {"sealed": ..., "alreadySealed": ..., "deleted": ...}, whatever is passed. Works on all ledgers of the namespace: whom row-level policies on credit.ledgers bind is refused (42501). Needs EXECUTE on the five functions of schema credit that it calls, and SELECT on credit.ledgers. Space is free for new events after the next VACUUM. Bad input 22023, NULL 22004. namespace NULL: the setting credit.namespace.';

-- A ledger is not measured from before a seal.
CREATE OR REPLACE FUNCTION @extschema@.credit_create_ledger(
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

-- What is told of seals.
COMMENT ON FUNCTION @extschema@.credit_balance(text, timestamptz, text) IS
'The balance of a ledger (subject or id) at a time, past or future (NULL: the clock), as one JSON document: id, metadata, subject, featureBalances (each feature with balance, usage, overage, held, available), grantBalances (each grant with balance). Numbers are exact. Before the start of measurement or the seal (see credit_retire): UC202. No such ledger UC001; a time out of range 22023, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_ledger_balances(text, timestamptz, text) IS
'The rows of credit_feature_balances for every ledger of the namespace that the caller sees, of all features or of one (name or id), at one time (NULL: the clock, read once) and of one snapshot; in order of subject, and for a subject of the features'' creation. Ledgers whose measurement starts after that time are left out; a time before the seal is UC202. Takes memory for some thousands of ledgers, however many there are. A feature that does not exist is UC002 where the caller sees a ledger; bad input 22023. namespace NULL: the setting credit.namespace.';

COMMENT ON FUNCTION @extschema@.credit_available(text, text, timestamptz, text) IS
'What a ledger (subject or id) has left of a feature (name or id) at a time (NULL: the clock): balance - overage - what open holds take, in units of the meter; negative where more was used than granted, 0 where there is neither. Before the start of measurement or the seal: UC202. No such ledger UC001, feature UC002; a time out of range 22023, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_history(text, timestamptz, timestamptz, integer, integer, text, text) IS
'What happened on a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in order: type is GRANT_USAGE, OVERAGE, EXPIRATION, VOID, RESET, ROLLOVER, FORFEITURE or GRANT. amount changes the balance of a grant, overage what is owed of its feature; balance_after and overage_after are the feature''s. Usage rows cover [period_from, period_to), cut by granularity HOUR, DAY, WEEK (from Monday) or MONTH at calendar boundaries, UTC. row_limit (NULL: all) after the first row_offset. Before the start of measurement or the seal: UC202. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

COMMENT ON FUNCTION @extschema@.credit_high_watermark(text, text) IS
'The time of the last reset of a ledger (subject or id), or without one its start of measurement, or the seal of its namespace if that is later: grants, voids and resets cannot act before it. No such ledger UC001; NULL 22004.';


COMMENT ON FUNCTION @extschema@.credit_usage(text, text, timestamptz, timestamptz, text, text) IS
'The usage of a feature (name or id) by a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in units of the meter: one row, or with granularity HOUR, DAY, WEEK (from Monday) or MONTH one a calendar period, UTC, those without usage too; no row where from_time = to_time. Not before the start of measurement or the seal (UC202). No such ledger UC001, feature UC002; bad input 22023, NULL 22004.';

-- An update may be run by another superuser than the owner of the extension, who need not be a
-- superuser any more: what is new is made the owner's like the rest, for the functions work as that
-- owner. After all new objects, before all privileges, which name their grantor.
DO $$
DECLARE
    owner constant regrole := (SELECT relowner FROM pg_class WHERE oid = 'credit.ledgers'::regclass);
    command text;
BEGIN
    FOR command IN
        SELECT format('ALTER %s %s OWNER TO %s', o.kind, o.name, owner)
        FROM pg_depend AS d
            JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'credit',
            LATERAL (
                SELECT 'ROUTINE', d.objid::regprocedure::text FROM pg_proc
                WHERE d.classid = 'pg_proc'::regclass AND oid = d.objid AND proowner <> owner
                UNION ALL
                SELECT 'TABLE', d.objid::regclass::text FROM pg_class -- views and sequences too
                WHERE d.classid = 'pg_class'::regclass AND oid = d.objid AND relowner <> owner
                UNION ALL
                SELECT 'TYPE', d.objid::regtype::text FROM pg_type
                WHERE d.classid = 'pg_type'::regclass AND oid = d.objid AND typowner <> owner
                    -- row types of tables and arrays, which are members since PostgreSQL 17, go along
                    AND NOT EXISTS (SELECT FROM pg_depend AS i
                        WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i')
            ) AS o (kind, name)
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    LOOP
        EXECUTE command;
    END LOOP;
END;
$$;

-- The privileges of what is new: whatever writes is not for everybody.
REVOKE ALL ON credit.seals, credit.checkpoints FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.announce_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.close_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.seal_ledgers(timestamptz, text, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.complete_seal(timestamptz, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.delete_sealed_events(timestamptz, bigint, integer, text) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE
    @extschema@.credit_retire(timestamptz, boolean, integer, jsonb, text)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.may_refund() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION credit.allow(regrole, text) FROM PUBLIC;
REVOKE ALL ON
    credit.stat_holds, credit.stat_late_events, credit.stat_ledgers, credit.stat_snapshots,
    credit.stat_usage, credit.stat_usage_without_ledger
    FROM PUBLIC;
