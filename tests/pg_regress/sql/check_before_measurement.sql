-- A ledger whose measurement has yet to start is checked like any other (it was UC202, of all ledgers too).
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select subject from credit_create_ledger('later', measure_from => '9999-12-31 23:59:59.999999+00');
select credit_ingest('later', 'tokens', 1), credit_ingest('later', 'tokens', 2, '9999-12-31 23:59:59.999999+00');
select amount from credit_create_grant('later', 'chat', 10, effective_at => '9999-12-31 23:59:59.999999+00');
select * from credit_check('later');
select subject, c.what from credit_list_ledgers() as l left join lateral credit_check(l.id::text) as c on true order by 1;
rollback;
