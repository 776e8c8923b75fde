//! All SQL text. Tables are qualified; bare operators are qualified when a statement is prepared.

use crate::spi::Statement;
use pgrx::pg_sys::BuiltinOid;
use pgrx::pg_sys::BuiltinOid::{
    BOOLOID, BYTEAOID, INT2OID, INT4OID, INT8ARRAYOID, INT8OID, JSONBARRAYOID, JSONBOID,
    NUMERICARRAYOID, NUMERICOID, TEXTOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZOID, UUIDARRAYOID,
    UUIDOID, XID8OID,
};

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident($($type:ident),*) = $sql:expr;)*) => {
        $($(#[$doc])* pub static $name: Statement = {
            const TYPES: &[BuiltinOid] = &[$($type),*];
            Statement::new($sql, TYPES)
        };)*
    };
}

statements! {
    /// A ledger by subject.
    LEDGER_BY_SUBJECT(TEXTOID, TEXTOID) =
        "SELECT l.id, l.namespace, l.subject, l.metadata, l.measure_from \
           FROM credit.ledgers l WHERE l.namespace = $1 AND l.subject = $2";
    /// A ledger by id.
    LEDGER_BY_ID(TEXTOID, UUIDOID) =
        "SELECT l.id, l.namespace, l.subject, l.metadata, l.measure_from \
           FROM credit.ledgers l WHERE l.id = $2 AND l.namespace = $1";
    /// All ledgers of a namespace, by creation.
    LEDGERS(TEXTOID) =
        "SELECT l.id, l.namespace, l.subject, l.metadata, l.measure_from \
           FROM credit.ledgers l WHERE l.namespace = $1 ORDER BY l.created_at, l.id";
    /// The next ledgers of a namespace that are measured by a time, by subject. No metadata.
    LEDGERS_AFTER_SUBJECT(TEXTOID, TEXTOID, TIMESTAMPTZOID, INT8OID) =
        "SELECT l.id, l.namespace, l.subject, '{}'::pg_catalog.jsonb, l.measure_from \
           FROM credit.ledgers l \
          WHERE l.namespace = $1 AND l.subject > $2 AND l.measure_from <= $3 \
          ORDER BY l.subject LIMIT $4";
    /// Waits for the lock of a ledger; the row itself is never updated.
    LOCK_LEDGER(UUIDOID) =
        "SELECT FROM credit.ledgers l WHERE l.id = $1 FOR NO KEY UPDATE";
    /// The active snapshot as text.
    SNAPSHOT() =
        "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text";
    /// Whether others wrote facts of a ledger that the snapshot does not see.
    UNSEEN_FACTS(UUIDOID, TEXTOID) =
        "SELECT FROM ( \
            SELECT g.xid FROM credit.grants g WHERE g.ledger_id = $1 \
            UNION ALL SELECT v.xid FROM credit.grant_voids v WHERE v.ledger_id = $1 \
            UNION ALL SELECT r.xid FROM credit.resets r WHERE r.ledger_id = $1 \
            UNION ALL ( SELECT s.xid FROM credit.spends s WHERE s.ledger_id = $1 \
                        ORDER BY s.created_at DESC LIMIT 1 ) \
            UNION ALL ( SELECT h.xid FROM credit.holds h WHERE h.ledger_id = $1 \
                        ORDER BY h.held_at DESC LIMIT 1 ) \
            UNION ALL ( SELECT e.xid FROM credit.hold_ends e WHERE e.ledger_id = $1 \
                        ORDER BY e.ended_at DESC LIMIT 1 ) ) AS fact \
          WHERE NOT pg_catalog.pg_visible_in_snapshot( fact.xid, $2::pg_catalog.pg_snapshot ) \
            AND fact.xid <> pg_catalog.pg_current_xact_id() LIMIT 1";
    /// Whether a ledger was sealed, and the snapshot does not see it.
    UNSEEN_CHECKPOINT(UUIDOID, TEXTOID) =
        "SELECT FROM credit.checkpoints c \
          WHERE c.ledger_id = $1 \
            AND NOT pg_catalog.pg_visible_in_snapshot( c.xid, $2::pg_catalog.pg_snapshot ) \
            AND c.xid <> pg_catalog.pg_current_xact_id() LIMIT 1";

    /// A step of a seal; no row where it was done before.
    INSERT_SEAL(TEXTOID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.seals (namespace, sealed_at, step, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    /// What is known of a ledger at a seal.
    INSERT_CHECKPOINT(UUIDOID, TIMESTAMPTZOID, JSONBOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.checkpoints (ledger_id, sealed_at, state, created_at) \
         VALUES ($1, $2, $3, $4)";
    /// The meters of a namespace.
    METERS(TEXTOID) =
        "SELECT m.id FROM credit.meters m WHERE m.namespace = $1";
    /// Deletes the events of these meters before a time that lie in some pages. A subquery instead of
    /// a join: however many streams there are, only those of the page are looked at.
    DELETE_EVENTS(TEXTOID, TEXTOID, TIMESTAMPTZOID, UUIDARRAYOID) =
        "DELETE FROM credit.usage_events e \
          WHERE e.ctid >= $1::pg_catalog.tid AND e.ctid < $2::pg_catalog.tid \
            AND e.occurred_at < $3 \
            AND ( SELECT s.meter_id FROM credit.streams s WHERE s.id = e.stream_id ) = ANY ($4)";

    /// The ledger of a grant.
    LEDGER_OF_GRANT(UUIDOID) =
        "SELECT g.ledger_id FROM credit.grants g WHERE g.id = $1";
    /// A new list of open holds.
    INSERT_HOLD_LIST(UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZARRAYOID) =
        "INSERT INTO credit.hold_lists (ledger_id, created_at, up_to, open_ones) \
         VALUES ($1, $2, $3, $4)";
    /// A hold, with its end.
    HOLD(UUIDOID) =
        "SELECT h.id, h.ledger_id, h.feature_id, h.amount, h.held_at, h.expires_at, h.stream_id, \
                h.dims_id, h.metadata, d.dimensions, e.state, e.settled, e.spend_id, e.excess_id, \
                e.ended_at \
           FROM credit.holds h \
           LEFT JOIN credit.dimension_sets d ON d.id = h.dims_id \
           LEFT JOIN credit.hold_ends e ON e.hold_id = h.id \
          WHERE h.id = $1";
    /// A page of the holds of a ledger, in order: of a feature or (NULL) all, ended or not. The
    /// subqueries let a page be cut before anything is joined to it.
    HOLDS_OF_LEDGER(UUIDOID, UUIDOID, INT8OID, INT8OID) =
        "SELECT h.id, h.ledger_id, h.feature_id, h.amount, h.held_at, h.expires_at, h.stream_id, \
                h.dims_id, h.metadata, d.dimensions, e.state, e.settled, e.spend_id, e.excess_id, \
                e.ended_at \
           FROM ( SELECT * FROM credit.holds p \
                   WHERE p.ledger_id = $1 AND ( $2 IS NULL OR p.feature_id = $2 ) \
                   ORDER BY p.held_at LIMIT $3 OFFSET $4 ) AS h \
           LEFT JOIN credit.dimension_sets d ON d.id = h.dims_id \
           LEFT JOIN credit.hold_ends e ON e.hold_id = h.id \
          ORDER BY h.held_at";
    /// The ledger of a hold.
    LEDGER_OF_HOLD(UUIDOID) =
        "SELECT h.ledger_id FROM credit.holds h WHERE h.id = $1";
    /// A new hold.
    INSERT_HOLD(UUIDOID, UUIDOID, UUIDOID, NUMERICOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID,
                INT8OID, JSONBOID) =
        "INSERT INTO credit.holds \
                (id, ledger_id, feature_id, amount, held_at, expires_at, stream_id, dims_id, \
                 metadata) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The end of a hold.
    INSERT_HOLD_END(UUIDOID, UUIDOID, TEXTOID, NUMERICOID, UUIDOID, UUIDOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.hold_ends \
                (hold_id, ledger_id, state, settled, spend_id, excess_id, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// When a feature was archived; holds it against archiving until the transaction ends.
    LOCK_FEATURE(UUIDOID) =
        "SELECT f.archived_at FROM credit.features f WHERE f.id = $1 FOR SHARE";
    /// Archives a feature.
    ARCHIVE_FEATURE(UUIDOID, TIMESTAMPTZOID) =
        "UPDATE credit.features SET archived_at=$2, updated_at=$2 \
          WHERE id = $1 AND archived_at IS NULL";
    /// A meter by slug.
    METER(TEXTOID, TEXTOID) =
        "SELECT m.id, m.aggregation, m.group_by, m.xid FROM credit.meters m \
          WHERE m.namespace = $1 AND m.slug = $2";

    /// The streams of a subject on any meter, found by the range of their hash.
    STREAMS(INT8OID, INT8OID, TEXTOID) =
        "SELECT s.id, s.meter_id, s.xid FROM credit.streams s \
          WHERE s.id >= $1 AND s.id <= $2 AND s.subject = $3";
    /// A new stream; no row where the id is taken.
    INSERT_STREAM(INT8OID, UUIDOID, TEXTOID) =
        "INSERT INTO credit.streams (id, meter_id, subject) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING";
    /// The dimension sets of a meter with one hash.
    DIMENSION_SETS(INT8OID, INT8OID, UUIDOID) =
        "SELECT d.id, d.dimensions, d.xid FROM credit.dimension_sets d \
          WHERE d.id >= $1 AND d.id <= $2 AND d.meter_id = $3";
    /// A new dimension set; no row where the id is taken.
    INSERT_DIMENSION_SET(INT8OID, UUIDOID, JSONBOID) =
        "INSERT INTO credit.dimension_sets (id, meter_id, dimensions) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING";
    /// A number for the id of an interned row.
    NEXT_INTERN_NUMBER() =
        "SELECT pg_catalog.nextval( 'credit.intern_ids'::pg_catalog.regclass )";
    /// New events, one per element.
    INSERT_EVENTS(INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, NUMERICARRAYOID) =
        "INSERT INTO credit.usage_events (stream_id, occurred_at, dims_id, value) \
         SELECT pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), \
                pg_catalog.unnest($4)";

    /// A new snapshot.
    INSERT_SNAPSHOT(UUIDOID, UUIDOID, XID8OID, INT8OID, INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                    TIMESTAMPTZOID, BYTEAOID) =
        "INSERT INTO credit.snapshots (ledger_id, feature_id, horizon, system_identifier, format, \
                begins_at, ends_at, taken_at, data) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /// Takes an idempotency key; no row where it is taken already.
    TAKE_KEY(TEXTOID, TEXTOID, TEXTOID, UUIDOID, INT8OID, TIMESTAMPTZOID, INT8OID, NUMERICOID,
             BOOLOID) =
        "INSERT INTO credit.idempotency_keys \
                (namespace, scope, key, ref, stream_id, occurred_at, dims_id, value, time_given) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    /// What a grant's or a reset's key stands for.
    KEY_OF_ROW(TEXTOID, TEXTOID, TEXTOID) =
        "SELECT k.ref, k.time_given FROM credit.idempotency_keys k \
          WHERE k.namespace = $1 AND k.scope = $2 AND k.key = $3";
    /// What the key of a usage event stands for.
    KEY_OF_EVENT(TEXTOID, TEXTOID) =
        "SELECT s.meter_id, s.subject, k.occurred_at, d.dimensions, k.value, k.time_given \
           FROM credit.idempotency_keys k \
           JOIN credit.streams s ON s.id = k.stream_id \
           LEFT JOIN credit.dimension_sets d ON d.id = k.dims_id \
          WHERE k.namespace = $1 AND k.scope = 'usage' AND k.key = $2";

    /// The spend that a key stands for; columns of NULL where it stands for something else.
    SPEND_OF_KEY(TEXTOID, TEXTOID) =
        "SELECT s.ledger_id, s.feature_id, f.name, f.meter_group_by_filters, d.dimensions, \
                s.requested, s.metadata, \
                s.id, s.amount, s.balance, s.available, s.burned, s.occurred_at \
           FROM credit.idempotency_keys k \
           LEFT JOIN credit.spends s ON s.id = k.ref \
           LEFT JOIN credit.features f ON f.id = s.feature_id \
           LEFT JOIN credit.dimension_sets d ON d.id = s.dims_id \
          WHERE k.namespace = $1 AND k.scope = 'usage' AND k.key = $2";
    /// The hold that a key stands for; columns of NULL where it stands for something else.
    HOLD_OF_KEY(TEXTOID, TEXTOID) =
        "SELECT h.ledger_id, h.feature_id, f.name, f.meter_group_by_filters, d.dimensions, \
                h.amount, h.metadata, h.id, h.held_at, h.expires_at \
           FROM credit.idempotency_keys k \
           LEFT JOIN credit.holds h ON h.id = k.ref \
           LEFT JOIN credit.features f ON f.id = h.feature_id \
           LEFT JOIN credit.dimension_sets d ON d.id = h.dims_id \
          WHERE k.namespace = $1 AND k.scope = 'usage' AND k.key = $2";
    /// A spend, or two, as answered.
    SPENDS(UUIDARRAYOID) =
        "SELECT s.id, s.amount, s.balance, s.available, s.burned, s.occurred_at, s.metadata \
           FROM credit.spends s WHERE s.id = ANY ($1) ORDER BY s.occurred_at";
    /// New spends, one per element.
    INSERT_SPENDS(UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID,
                  TIMESTAMPTZARRAYOID, INT8ARRAYOID, JSONBARRAYOID, JSONBARRAYOID, NUMERICARRAYOID,
                  NUMERICARRAYOID, UUIDARRAYOID, TIMESTAMPTZARRAYOID) =
        "INSERT INTO credit.spends \
                (id, ledger_id, feature_id, requested, amount, occurred_at, dims_id, metadata, \
                 burned, balance, available, hold_id, created_at) \
         SELECT s.* \
           FROM ROWS FROM ( pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), \
                pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), \
                pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9), \
                pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12), \
                pg_catalog.unnest($13) ) AS s";

    /// A new grant, or the identity of a child.
    INSERT_GRANT(UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, NUMERICOID, INT2OID, TIMESTAMPTZOID,
                 TIMESTAMPTZOID, INT4OID, TEXTOID, TEXTOID, NUMERICOID, INT4OID, TEXTOID,
                 TIMESTAMPTZOID, JSONBOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.grants \
                (id, ledger_id, feature_id, parent_id, reset_id, amount, priority, effective_at, \
                 expires_at, expiration_count, expiration_duration, rollover_type, \
                 rollover_max_amount, recurrence_count, recurrence_duration, recurrence_anchor, \
                 metadata, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    /// A new void.
    INSERT_VOID(UUIDOID, UUIDOID, TIMESTAMPTZOID, BOOLOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.grant_voids \
                (grant_id, ledger_id, voided_at, forfeit_remaining, created_at) \
         VALUES ($1, $2, $3, $4, $5)";
    /// A new reset.
    INSERT_RESET(UUIDOID, UUIDOID, TIMESTAMPTZOID, BOOLOID, TIMESTAMPTZOID) =
        "INSERT INTO credit.resets (id, ledger_id, effective_at, preserve_overage, created_at) \
         VALUES ($1, $2, $3, $4, $5)";
}
