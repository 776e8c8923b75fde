\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select id as existing from credit_create_ledger('acme') \gset
select credit_create_ledger(null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger(repeat('x', 10000));
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', '[]');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', '"plan"');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', '{"plan": "pro", "seats": 5, "trial": null}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', measure_from => 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', measure_from => '-infinity');
\echo :LAST_ERROR_SQLSTATE
set local datestyle = 'ISO';
set local timezone = 'UTC';
select credit_create_ledger('x', measure_from => '0044-03-15 00:00+00 BC');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', measure_from => '10000-01-01 00:00+00');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger('x', if_not_exists => null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_ledger(null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_ledger('');
\echo :LAST_ERROR_SQLSTATE
select credit_get_ledger('nobody "here"');
\echo :LAST_ERROR_SQLSTATE
select credit_get_ledger('00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select credit_list_ledgers(order_by => 'measure_from');
\echo :LAST_ERROR_SQLSTATE
select credit_list_ledgers(order_by => null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_ledgers(row_limit => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_list_ledgers(row_offset => -1);
\echo :LAST_ERROR_SQLSTATE
-- A subject that is the id of a ledger would hide that ledger.
\set VERBOSITY terse
select credit_create_ledger(:'existing');
\echo :LAST_ERROR_SQLSTATE
select credit_create_ledger(upper(:'existing'));
\echo :LAST_ERROR_SQLSTATE
select subject from credit_create_ledger('00000000-0000-0000-0000-000000000000');
select subject from credit_list_ledgers();
rollback;
