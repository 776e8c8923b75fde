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
