-- A recurrence that no read could compute is refused where it enters.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select subject from credit_create_ledger('old', measure_from => '0001-01-01');
select pg_temp.facts() as facts \gset
select credit_create_grant('old', 'chat', 1, effective_at => '0001-01-01', recurs_every => '1 hour');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as unchanged;
-- Without refills, or few of them, old grants are fine.
select amount from credit_create_grant('old', 'chat', 1, effective_at => '0001-01-01', recurs_every => '1 month');
select balance from pg_temp.totals('old', '2024-01-01');
-- What recurs from the future on is not computed yet, and at some far time too much.
select amount from credit_create_grant('old', 'chat', 2, effective_at => '9000-01-01', recurs_every => '1 hour');
select balance from pg_temp.totals('old', '9000-02-01');
select credit_balance('old', '9999-01-01');
\echo :LAST_ERROR_SQLSTATE
rollback;
