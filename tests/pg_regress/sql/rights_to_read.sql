-- Who may see a ledger may see what is on it, without rights on any other table; who may not, finds
-- nothing.
\set SHOW_CONTEXT never
\set VERBOSITY sqlstate
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme');
select subject from credit_create_ledger('umbrella');
select amount from credit_create_grant('acme', 'chat', 100);
select amount, id as hidden from credit_create_grant('umbrella', 'chat', 5000) \gset
select credit_ingest('acme', 'tokens', 30);
create role regress_credit_reader;
grant usage on schema credit to regress_credit_reader;
set local role regress_credit_reader;
select credit_available('acme', 'chat');

reset role;
grant select on credit.ledgers to regress_credit_reader;
alter table credit.ledgers enable row level security;
create policy most on credit.ledgers for select to regress_credit_reader
using (subject <> 'umbrella');
set local role regress_credit_reader;
select credit_available('acme', 'chat');
select name, balance from credit_feature_balances('acme');
select feature, balance from credit_grant_balances('acme');
select b -> 'subject' as subject, b -> 'featureBalances' -> 0 -> 'balance' as balance
from credit_balance('acme') b;
select type, amount from credit_history('acme');
select usage from credit_usage('acme', 'chat');
select amount from credit_list_grants();
select count(*) from credit_list_grants(), credit_get_grant(id);

select credit_available('umbrella', 'chat');
select credit_feature_balances('umbrella');
select credit_grant_balances('umbrella');
select credit_balance('umbrella');
select credit_history('umbrella');
select credit_usage('umbrella', 'chat');
select credit_high_watermark('umbrella');
select credit_list_grants('{umbrella}');
select credit_get_grant(:'hidden');
-- The facts themselves stay closed.
select * from credit.grants;
select * from credit.usage_events;
rollback;
