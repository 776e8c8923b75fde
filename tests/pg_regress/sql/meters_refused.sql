\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select credit_create_meter(null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter(repeat('x', 10000));
\echo :LAST_ERROR_SQLSTATE
select length(slug) from credit_create_meter(repeat('ü', 255));
select credit_create_meter('m', null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'sum');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', '{a,NULL}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', '{a,""}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', '{b,a,b}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', '{{a,b},{c,d}}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', 'SUM', array[repeat('x', 256)]);
\echo :LAST_ERROR_SQLSTATE
select credit_create_meter('m', if_not_exists => null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_meter('nothing');
\echo :LAST_ERROR_SQLSTATE
select credit_get_meter(null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_meters(row_limit => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_list_meters(row_offset => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_list_meters(row_offset => null);
\echo :LAST_ERROR_SQLSTATE
select count(*) from credit_list_meters();
rollback;
