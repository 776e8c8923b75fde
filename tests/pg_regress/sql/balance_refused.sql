-- Reads that are refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_balance(null);
\echo :LAST_ERROR_SQLSTATE
select credit_balance('');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('nobody');
\echo :LAST_ERROR_SQLSTATE
select credit_balance(repeat('x', 10000));
\echo :LAST_ERROR_SQLSTATE
select credit_balance('acme', 'infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('acme', '-infinity');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('acme', '0044-03-15 BC');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('acme', '10000-01-01');
\echo :LAST_ERROR_SQLSTATE
select credit_balance('acme', namespace => 'other');
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', null);
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', '');
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', 'nothing');
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', '00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select credit_available(null, 'chat');
\echo :LAST_ERROR_SQLSTATE
select credit_high_watermark(null);
\echo :LAST_ERROR_SQLSTATE
select credit_high_watermark('nobody');
\echo :LAST_ERROR_SQLSTATE
rollback;
