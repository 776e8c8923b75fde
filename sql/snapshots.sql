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
'Usage that was summed once, so that no read need sum it again. A cache: whatever is in it, balances are what the facts say, and deleting its rows costs time only. Sessions keep others in memory, and forget them when rows are deleted.';
COMMENT ON COLUMN credit.snapshots.ledger_id IS 'The ledger: credit.ledgers.id.';
COMMENT ON COLUMN credit.snapshots.feature_id IS 'The feature: credit.features.id; credit.usage_id() for those of which the ledger has had no grant, until it is sealed.';
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

CREATE FUNCTION @extschema@.credit_maintain(
    namespace text DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_maintain_wrapper';

COMMENT ON FUNCTION @extschema@.credit_maintain(text) IS
'Takes a snapshot for every ledger of the namespace that the caller sees, and every feature, that has credit.snapshot_interval events or more beyond its newest one; gives how many. Whoever writes usage does the same now and then, so this is only for events that came another way (a restore, COPY, logical replication) or in REPEATABLE READ or SERIALIZABLE. It changes no answer. Reads the events beyond the newest snapshots. Needs a READ COMMITTED transaction: otherwise 25001; one that may write: otherwise 25006.';
