\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select id as first
from credit_create_ledger('acme', '{"plan": "pro"}', '2024-01-01 00:00+00') \gset
-- A start of measurement that is not given is not compared; metadata is.
select id = :'first' as same
from credit_create_ledger('acme', '{"plan": "pro"}', if_not_exists => true);
select id = :'first' as same
from credit_create_ledger('acme', '{"plan": "pro"}', '2024-01-01 01:00+01', if_not_exists => true);
\set VERBOSITY terse
select credit_create_ledger('acme', '{"plan": "pro"}', '2024-01-02 00:00+00', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('acme', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select subject from credit_create_ledger('other', if_not_exists => true);
select count(*) from credit_list_ledgers();
rollback;
