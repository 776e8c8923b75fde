-- Version 0.1.0 has no right to refund: whoever may spend may, with this library too. The update
-- takes it from all who are not granted it.
\set SHOW_CONTEXT never
drop extension credit;
create extension credit version '0.1.0';
begin;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme');
create role regress_credit_spender;
grant usage on schema credit to regress_credit_spender;
grant select on credit.ledgers to regress_credit_spender;
grant execute on function credit_consume, credit_ingest to regress_credit_spender;
set local role regress_credit_spender;
select amount from credit_consume('acme', 'chat', -1);
select credit_ingest('acme', 'tokens', -1);
reset role;
alter extension credit update to '0.2.0';
set local role regress_credit_spender;
savepoint refused;
select amount from credit_consume('acme', 'chat', -1);
\echo :LAST_ERROR_SQLSTATE
rollback to refused;
reset role;
grant execute on function credit.may_refund to regress_credit_spender;
set local role regress_credit_spender;
select amount from credit_consume('acme', 'chat', -1);
select credit_ingest('acme', 'tokens', -1);
rollback;
