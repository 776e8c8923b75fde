-- EXECUTE is what it takes, on a ledger that the caller sees, and no right on any other table.
\set SHOW_CONTEXT never
\set VERBOSITY sqlstate
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01 00:00+00');
select subject from credit_create_ledger('umbrella', measure_from => '2024-01-01 00:00+00');
select id as hidden from credit_create_grant('umbrella', 'chat', 5000) \gset
select credit_reserve('umbrella', 'chat', 10) as hidden_hold \gset
create role regress_credit_writer;
grant usage on schema credit to regress_credit_writer;
grant select on credit.ledgers to regress_credit_writer;
alter table credit.ledgers enable row level security;
create policy most on credit.ledgers for select to regress_credit_writer
using (subject <> 'umbrella');

set local role regress_credit_writer;
select credit_create_grant('acme', 'chat', 100);
select credit_void_grant(:'hidden');
select credit_ingest('acme', 'tokens', 30);
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}]');
select credit_ingest_arrays('{acme}', '{tokens}');
select credit_reset('acme', '2024-02-01 00:00+00');
select credit_consume('acme', 'chat', 1);
select credit_try_consume('acme', 'chat', 1);
select credit_consume_batch('[]');
select credit_reserve('acme', 'chat', 1);
select credit_settle(:'hidden_hold', 1);
select credit_release(:'hidden_hold');

reset role;
grant execute on function credit_create_grant, credit_void_grant, credit_ingest,
    credit_ingest_batch, credit_ingest_arrays, credit_reset, credit_consume, credit_try_consume, credit_consume_batch, credit_reserve, credit_settle, credit_release to regress_credit_writer;
set local role regress_credit_writer;
select credit_reset('acme', '2024-02-01 00:00+00') -> 'replayed' as replayed;
select amount, id as mine from credit_create_grant('acme', 'chat', 100) \gset
select amount from credit_create_grant('acme', 'chat', 50);
select voided_at is not null as void from credit_void_grant(:'mine');
select credit_ingest('acme', 'tokens', 30);
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}]');
select credit_ingest_arrays('{acme}', '{tokens}');
select amount from credit_consume('acme', 'chat', 10, 'key', '{}', 2);
select amount from credit_consume('acme', 'chat', 10, 'key', '{}', 2);
select allowed from credit_try_consume('acme', 'chat', 10);
select amount from credit_consume_batch('[{"ledger": "acme", "feature": "chat", "amount": 1}]');
select credit_reserve('acme', 'chat', 5) as mine \gset
select amount from credit_settle(:'mine', 2);
select credit_reserve('acme', 'chat', 5) as mine \gset
select amount from credit_release(:'mine');
select credit_available('acme', 'chat');

select credit_create_grant('umbrella', 'chat', 100);
select credit_void_grant(:'hidden');
select credit_reset('umbrella', '2024-02-01 00:00+00');
select credit_consume('umbrella', 'chat', 1);
select credit_try_consume('umbrella', 'chat', 1);
select credit_consume_batch('[{"ledger": "umbrella", "feature": "chat", "amount": 1}]');
select credit_reserve('umbrella', 'chat', 1);
select credit_settle(:'hidden_hold', 1);
select credit_release(:'hidden_hold');
select credit_list_holds('umbrella');
-- The facts themselves stay closed.
insert into credit.usage_events (stream_id, occurred_at, value) values (1, now(), -100);
insert into credit.spends default values;
insert into credit.ledgers default values;
select nextval('credit.intern_ids');
rollback;
