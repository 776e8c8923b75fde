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
