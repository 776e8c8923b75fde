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
