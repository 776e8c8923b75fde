-- Lists of grants that are refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_list_grants('{nobody}');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants('{acme,NULL}');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants('{acme,""}');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants('{acme}', namespace => 'other');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(from_time => '2024-01-02', to_time => '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(from_time => 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(to_time => '-infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(row_limit => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(row_offset => -1);
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(row_offset => null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(from_high_watermark => null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_grants(include_void => null);
\echo :LAST_ERROR_SQLSTATE
rollback;
