-- Arrays, an element an event; a missing array and a NULL element stand for the default.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}');
select usage from credit_usage('acme', 'chat');
select credit_ingest_arrays('{acme,acme,other}', '{tokens,tokens,tokens}', '{2.5,NULL,4}',
    '{2024-01-02,2024-01-03,2024-01-04}', '{k,NULL,l}', array['{"model": "m"}', null, '{}']::jsonb[]);
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
select credit_ingest_arrays(subjects => '{acme,acme}', meters => '{tokens,tokens}', amounts => '{2.5,1}',
    occurred_ats => '{2024-01-02,2024-01-03}', idempotency_keys => '{k,m}');
select usage from credit_usage('acme', 'chat', to_time => '2024-02-01');
select credit_ingest_arrays('{}', '{}');
-- A subscript says nothing.
select credit_ingest_arrays('[5:5]={acme}', '{tokens}', '[0:0]={1}', '{2024-01-02}');
select pg_temp.facts() as facts \gset
select credit_ingest_arrays('{acme,acme}', '{tokens}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', '{1}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme}', '{tokens}', '{1}', '{}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme}', '{tokens}', idempotency_keys => '{a,b}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme}', '{tokens}', dimensions => '{}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays(null, '{tokens}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme}', null);
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,NULL}', '{tokens,tokens}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{NULL,tokens}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{tokens,nothing}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', '{1,NaN}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', occurred_ats => '{2024-01-02,infinity}');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', dimensions => array['{}', '[]']::jsonb[]);
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
rollback;
