-- Balances and histories: what was burned, and what is left.

CREATE FUNCTION @extschema@.credit_balance(
    ledger text,
    at timestamptz DEFAULT NULL,
    namespace text DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_balance_wrapper';

COMMENT ON FUNCTION @extschema@.credit_balance(text, timestamptz, text) IS
'The balance of a ledger (subject or id) at a time, past or future (NULL: the clock), as one JSON document: id, metadata, subject, featureBalances (each feature with balance, usage, overage, held, available), grantBalances (each grant with balance). Numbers are exact. Before the start of measurement or the seal (see credit_retire): UC202. No such ledger UC001; a time out of range 22023, NULL 22004.';

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
'The rows of credit_feature_balances for every ledger of the namespace that the caller sees, of all features or of one (name or id), at one time (NULL: the clock, read once) and of one snapshot; in order of subject, and for a subject of the features'' creation. Ledgers whose measurement starts after that time are left out; a time before the seal is UC202. Takes memory for some thousands of ledgers, however many there are. A feature that does not exist is UC002 where the caller sees a ledger; bad input 22023. namespace NULL: the setting credit.namespace.';

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
'What a ledger (subject or id) has left of a feature (name or id) at a time (NULL: the clock): balance - overage - what open holds take, in units of the meter; negative where more was used than granted, 0 where there is neither. Before the start of measurement or the seal: UC202. No such ledger UC001, feature UC002; a time out of range 22023, NULL 22004.';

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
'What happened on a ledger (subject or id) in [from_time, to_time) (NULL: the high watermark; the clock), in order: type is GRANT_USAGE, OVERAGE, EXPIRATION, VOID, RESET, ROLLOVER, FORFEITURE or GRANT. amount changes the balance of a grant, overage what is owed of its feature; balance_after and overage_after are the feature''s. Usage rows cover [period_from, period_to), cut by granularity HOUR, DAY, WEEK (from Monday) or MONTH at calendar boundaries, UTC. row_limit (NULL: all) after the first row_offset. Before the start of measurement or the seal: UC202. No such ledger UC001; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_high_watermark(
    ledger text,
    namespace text DEFAULT NULL
) RETURNS timestamptz
LANGUAGE c STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'credit_high_watermark_wrapper';

COMMENT ON FUNCTION @extschema@.credit_high_watermark(text, text) IS
'The time of the last reset of a ledger (subject or id), or without one its start of measurement, or the seal of its namespace if that is later: grants, voids and resets cannot act before it. No such ledger UC001; NULL 22004.';
