-- A NULL among the subjects is refused, and resets nothing (it was XX000).
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select * from credit.reset_ledgers('{acme,NULL}', '2024-02-01', false, null);
\echo :LAST_ERROR_SQLSTATE
select * from credit.reset_ledgers(array_fill(null::text, '{2,2}'), '2024-02-01', false, null);
\echo :LAST_ERROR_SQLSTATE
select count(*) from credit.resets;
select * from credit.reset_ledgers('{}', '2024-02-01', false, null);
select * from credit.reset_ledgers('[5:5]={acme}', '2024-02-01', false, null);
rollback;
