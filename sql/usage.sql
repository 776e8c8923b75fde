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
'Writes one usage event: this subject used value (at most 12 decimals, below 10^15; negative for a correction, with EXECUTE on credit.may_refund, otherwise 42501; on a COUNT meter 1 or -1) on the meter of this slug at occurred_at (NULL: the clock; may be late or in the future, years 1 to 9999), with dimensions a JSON object of strings, of dimensions that the meter has. The ledger may come later, unless row-level policies on credit.ledgers bind the caller: then it must be one that the caller sees (UC001). Takes no lock that others wait for. True; false for a replay of idempotency_key, which writes nothing; the key with other content UC104. No such meter UC004; bad input 22023, out of range 22003, NULL 22004.';

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
'The usage of a feature (name or id) by a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in units of the meter: one row, or with granularity HOUR, DAY, WEEK (from Monday) or MONTH one a calendar period, UTC, those without usage too; no row where from_time = to_time. Not before the start of measurement or the seal (UC202). No such ledger UC001, feature UC002; bad input 22023, NULL 22004.';
