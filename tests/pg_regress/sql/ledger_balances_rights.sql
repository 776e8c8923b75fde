-- A report shows the ledgers that its reader may see, and no privilege else is needed.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
set local timezone = 'UTC';
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme', '{"owner": "a"}', '2024-01-01');
select subject from credit_create_ledger('hooli', '{"owner": "b"}', '2024-01-01');
select subject from credit_create_ledger('initech', '{"owner": "a"}', '2024-01-01');
select credit_ingest_arrays('{acme,hooli,initech}', '{tokens,tokens,tokens}', '{1,2,3}', array_fill('2024-01-02'::timestamptz, '{3}'));
create role regress_credit_reader;
create role regress_credit_other;

set local role regress_credit_reader;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
select subject, usage from credit_ledger_balances('nothing', at => '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
reset role;
grant usage on schema credit to regress_credit_reader, regress_credit_other;
set local role regress_credit_reader;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
reset role;
grant select on credit.ledgers to regress_credit_reader, regress_credit_other;
set local role regress_credit_reader;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
select subject, usage from credit_ledger_balances('chat', at => '2024-02-01');

reset role;
alter table credit.ledgers enable row level security;
create policy own on credit.ledgers to regress_credit_reader using (metadata ->> 'owner' = 'a');
set local role regress_credit_reader;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
set local role regress_credit_other;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
select subject, usage from credit_ledger_balances('nothing', at => '2024-02-01');
-- The same session, the same kept plans, another role.
set local role regress_credit_reader;
select subject, usage from credit_ledger_balances(at => '2024-02-01');
reset role;
select subject, usage from credit_ledger_balances(at => '2024-02-01');

-- A view shows what its reader may see: who may read the view does not matter.
create view report as select * from credit_ledger_balances(at => '2024-02-01');
grant select on report to regress_credit_reader;
set local role regress_credit_reader;
select subject, usage from report;
rollback;
