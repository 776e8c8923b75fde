-- Without a word of the operator, nobody may do anything; with it, what it says.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select subject from credit_create_ledger('acme');
create role regress_credit_reader;
create role regress_credit_writer;

set local role regress_credit_reader;
select credit_create_ledger('x');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
select subject from credit_get_ledger('acme');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
reset role;
grant usage on schema credit to regress_credit_reader, regress_credit_writer;
set local role regress_credit_reader;
select subject from credit_get_ledger('acme');
\echo :LAST_ERROR_SQLSTATE
reset role;
grant select on all tables in schema credit to regress_credit_reader, regress_credit_writer;
set local role regress_credit_reader;
select subject from credit_get_ledger('acme');

reset role;
grant execute on function credit_create_ledger to regress_credit_writer;
grant execute on function credit_create_feature to regress_credit_writer;
grant execute on function credit_delete_feature to regress_credit_writer;
grant execute on function credit.new_id to regress_credit_writer;
grant execute on function credit.archive_feature to regress_credit_writer;
grant insert on credit.ledgers, credit.features to regress_credit_writer;
grant update (archived_at, updated_at) on credit.features to regress_credit_writer;
set local role regress_credit_writer;
select subject from credit_create_ledger('initech');
select name from credit_create_feature('chat', 'tokens');
select name from credit_delete_feature('chat');

-- Row-level policies bind.
reset role;
alter table credit.ledgers enable row level security;
create policy mine on credit.ledgers to regress_credit_writer
using (metadata ->> 'owner' = current_user);
set local role regress_credit_writer;
select subject
from credit_create_ledger('hooli', '{"owner": "regress_credit_writer"}', if_not_exists => true);
select subject from credit_list_ledgers();
select credit_get_ledger('acme');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('initrode');
\echo :LAST_ERROR_SQLSTATE
-- A subject that is taken is taken; what is hidden stays hidden.
select credit_create_ledger('acme', '{"owner": "regress_credit_writer"}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
reset role;
alter table credit.features enable row level security;
create policy look on credit.features for select to regress_credit_writer using (true);
create policy make on credit.features for insert to regress_credit_writer with check (true);
set local role regress_credit_writer;
select name from credit_create_feature('images', 'tokens');
select credit_delete_feature('images');
\echo :LAST_ERROR_SQLSTATE
rollback;
