-- A ledger and a feature are looked for where their rows lay the last time: they may lie elsewhere, and others there.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
commit;
-- Rows that nobody sees, and behind them one that is remembered.
begin;
select count(*) from (select credit_create_ledger('nobody-' || n) from generate_series(1, 300) as n) as l;
rollback;
begin;
select count(*) from (select credit_create_feature('nothing-' || n, 'tokens') from generate_series(1, 300) as n) as f;
rollback;
select subject from credit_create_ledger('zeta');
select subject from credit_create_ledger('alpha');
select name from credit_create_feature('zoom', 'tokens');
select amount from credit_create_grant('zeta', 'zoom', 10);
select amount from credit_create_grant('alpha', 'zoom', 20);
select credit_available('zeta', 'zoom'), credit_available('alpha', 'zoom');
create table places as select subject as name, ctid as place from credit.ledgers union all select name, ctid from credit.features;
-- The tables shrink: nothing lies there any more.
vacuum full credit.ledgers;
vacuum full credit.features;
select pg_relation_size('credit.ledgers') / 8192 as pages, count(*) as moved
from places as p join credit.ledgers as l on l.subject = p.name and l.ctid <> p.place where name in ('alpha', 'zeta');
select credit_available('zeta', 'zoom'), credit_available('alpha', 'zoom');
select amount, available from credit_consume('zeta', 'zoom', 1);
-- They change places.
cluster credit.ledgers using ledgers_namespace_subject_key;
cluster credit.features using features_pkey;
select credit_available('zeta', 'zoom'), credit_available('alpha', 'zoom');
select amount, available from credit_consume('alpha', 'zoom', 2);
-- The name is another feature's.
select archived_at is not null as archived from credit_delete_feature('zoom');
select credit_available('zeta', 'zoom');
\echo :LAST_ERROR_SQLSTATE
select name from credit_create_feature('zoom', 'tokens');
select credit_available('zeta', 'zoom');
-- What this transaction made and took back.
begin;
select subject from credit_create_ledger('eta');
select name from credit_create_feature('flash', 'tokens');
select amount from credit_create_grant('eta', 'flash', 5);
select credit_available('eta', 'flash');
rollback;
select credit_available('eta', 'flash');
\echo :LAST_ERROR_SQLSTATE
select credit_available('zeta', 'flash');
\echo :LAST_ERROR_SQLSTATE
drop table places;
