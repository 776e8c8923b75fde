-- Spends: usage that is taken only while there is credit for it.

CREATE TYPE credit.spend_row AS (
    spend_id uuid,
    amount numeric,
    balance numeric,
    available numeric,
    burned jsonb,
    occurred_at timestamptz,
    replayed boolean
);

COMMENT ON TYPE credit.spend_row IS
'The answer to a spend; a replay has that of the first call.';
COMMENT ON COLUMN credit.spend_row.spend_id IS 'The spend: credit.spends.id.';
COMMENT ON COLUMN credit.spend_row.amount IS 'What was spent; negative for a refund.';
COMMENT ON COLUMN credit.spend_row.balance IS 'What is left in the grants of the feature after it.';
COMMENT ON COLUMN credit.spend_row.available IS 'What can be spent of the feature after it; negative into an overdraft.';
COMMENT ON COLUMN credit.spend_row.burned IS 'Which grants paid how much: a JSON array of {"grantID", "amount"} in burn order, negative where a refund gave back. What is missing to the amount became overage.';
COMMENT ON COLUMN credit.spend_row.occurred_at IS 'The time of its usage.';
COMMENT ON COLUMN credit.spend_row.replayed IS 'Whether an earlier call with the same idempotency key did it.';

CREATE TYPE credit.try_spend_row AS (
    allowed boolean,
    spend_id uuid,
    amount numeric,
    balance numeric,
    available numeric,
    burned jsonb,
    occurred_at timestamptz,
    replayed boolean
);

COMMENT ON TYPE credit.try_spend_row IS
'The answer to an attempt to spend; a replay has that of the first call.';
COMMENT ON COLUMN credit.try_spend_row.allowed IS 'Whether anything was spent. If not, nothing was written, and the rest tells what there is.';
COMMENT ON COLUMN credit.try_spend_row.spend_id IS 'The spend: credit.spends.id; NULL where it was not allowed.';
COMMENT ON COLUMN credit.try_spend_row.amount IS 'What was spent, with partial perhaps less than was asked for; 0 where it was not allowed; negative for a refund.';
COMMENT ON COLUMN credit.try_spend_row.balance IS 'What is left in the grants of the feature after it.';
COMMENT ON COLUMN credit.try_spend_row.available IS 'What can be spent of the feature after it; negative into an overdraft.';
COMMENT ON COLUMN credit.try_spend_row.burned IS 'Which grants paid how much: a JSON array of {"grantID", "amount"} in burn order, negative where a refund gave back. What is missing to the amount became overage.';
COMMENT ON COLUMN credit.try_spend_row.occurred_at IS 'The time of its usage; NULL where it was not allowed.';
COMMENT ON COLUMN credit.try_spend_row.replayed IS 'Whether an earlier call with the same idempotency key did it.';

CREATE FUNCTION @extschema@.credit_consume(
    ledger text,
    feature text,
    amount numeric,
    idempotency_key text DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    namespace text DEFAULT NULL
) RETURNS credit.spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_consume_wrapper';

COMMENT ON FUNCTION @extschema@.credit_consume(text, text, numeric, text, jsonb, numeric, jsonb, text) IS
'Spends amount (at most 12 decimals, below 10^15; on a COUNT meter 1 or -1) of a feature (name or id) on a ledger (subject or id), now: a usage event on the meter of the feature, with the values that it filters by and the dimensions given. Not enough is available, and no overdraft (not negative) covers it: UC301, and nothing is written. A negative amount is a refund and always allowed, to whoever may execute credit.may_refund (otherwise 42501). Locks the ledger until the transaction ends; the time is taken after the lock. A replay of idempotency_key gives the first answer; with other content UC104. No such ledger UC001, feature UC002; before the start of measurement UC202; bad input 22023, out of range 22003, NULL 22004.';

CREATE FUNCTION @extschema@.credit_try_consume(
    ledger text,
    feature text,
    amount numeric,
    idempotency_key text DEFAULT NULL,
    dimensions jsonb DEFAULT '{}',
    overdraft numeric DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    partial boolean DEFAULT false,
    namespace text DEFAULT NULL
) RETURNS credit.try_spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_try_consume_wrapper';

COMMENT ON FUNCTION @extschema@.credit_try_consume(text, text, numeric, text, jsonb, numeric, jsonb, boolean, text) IS
'As credit_consume, but where not enough is available the answer has allowed = false and nothing is written, the idempotency_key neither. With partial it takes what there is, overdraft included, if there is anything; amount says how much.';

CREATE FUNCTION @extschema@.credit_consume_batch(
    spends jsonb,
    namespace text DEFAULT NULL
) RETURNS SETOF credit.spend_row
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'credit_consume_batch_wrapper';

COMMENT ON FUNCTION @extschema@.credit_consume_batch(jsonb, text) IS
'Spends many times: an array of JSON objects whose keys are the argument names of credit_consume, on one ledger or several. All or nothing, in order, each seeing the ones before it; an error names the first bad element, by its position from 1. Locks the ledgers in one order, so that batches never deadlock with each other. Gives one row an element. Errors as credit_consume.';
