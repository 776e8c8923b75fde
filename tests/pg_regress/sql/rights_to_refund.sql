-- A negative amount makes credit: whoever may only spend or ingest may not give one.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select slug from credit_create_meter('calls', 'COUNT');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01 00:00+00');
select amount from credit_create_grant('acme', 'chat', 10);
create role regress_credit_spender;
select credit.allow('regress_credit_spender', 'spend');
set local role regress_credit_spender;
select amount from credit_consume('acme', 'chat', 4, 'spent');
select credit_consume('acme', 'chat', -1);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
-- Not a part of what was spent either, nor with a key, nor where it would change nothing.
select credit_consume('acme', 'chat', -0.000000000001, 'back');
select credit_try_consume('acme', 'chat', -1);
select credit_try_consume('acme', 'chat', -1, partial => true);
select credit_consume('nobody', 'chat', -1);
select credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}, {"ledger": "acme", "feature": "chat", "amount": -1}]');
select credit_ingest('acme', 'tokens', -1);
select credit_ingest('acme', 'calls', -1);
select credit_ingest('acme', 'tokens', -1, '2020-01-01');
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}, {"subject": "acme", "meter": "tokens", "value": -1}]');
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', '{1,-1}');
-- What is no amount for anybody says so still.
select credit_reserve('acme', 'chat', -1);
select credit_reserve('acme', 'chat', 1) as hold \gset
select credit_settle(:'hold', -1);
\set VERBOSITY default
select credit_available('acme', 'chat');

-- An overdraft makes none: it is owed, as ingested usage is.
select amount, available from credit_consume('acme', 'chat', 1e14, overdraft => 1e14);

-- The caller is who the function runs as: the owner of a function of yours may lend the right.
reset role;
create role regress_credit_refunder;
select credit.allow('regress_credit_refunder', 'spend');
grant execute on function credit.may_refund to regress_credit_refunder;
set local role regress_credit_refunder;
select amount from credit_consume('acme', 'chat', -1);
select amount from credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": -1}]');
select credit_ingest('acme', 'tokens', -1), credit_ingest('acme', 'calls', -1);
select credit.may_refund();
reset role;
create function pg_temp.undo(spend uuid) returns numeric
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
select (public.credit_consume(s.ledger_id::text, s.feature_id::text, -s.amount, 'undo ' || s.id)).amount
from credit.spends s where s.id = undo.spend;
end;
select spend_id as spent from credit_consume('acme', 'chat', 4, 'spent') \gset
set local role regress_credit_spender;
select pg_temp.undo(:'spent'), pg_temp.undo(:'spent');
select credit_consume('acme', 'chat', -1);
select credit.may_refund();
\echo :LAST_ERROR_SQLSTATE
reset role;
-- A superuser, and the owner, may.
select amount from credit_consume('acme', 'chat', -1);
rollback;
