-- A hold is not taken twice: the same key gives the same hold, whatever became of it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select id is null as failed from credit_create_ledger('initech');
select credit_reserve('acme', 'chat', 90, '1 month 1 day 1 hour', 'k', '{"model": "m"}', metadata => '{"a": "b"}') as hold \gset
select credit_reserve('acme', 'chat', 90, '1 month 1 day 1 hour', 'k', '{"model": "m"}', metadata => '{"a": "b"}') = :'hold' as same;
select credit_reserve('acme', 'chat', 90.0, '1 month 25 hours', 'k', null, 7, null) = :'hold' as same;
select credit_reserve('initech', 'chat', 90, '1 month 25 hours', 'k', null, 7, null);
select credit_reserve('acme', 'chat', 91, '1 month 25 hours', 'k', null, 7, null);
select credit_reserve('acme', 'chat', 90, '1 month 26 hours', 'k', null, 7, null);
select credit_reserve('acme', 'chat', 90, '1 month 25 hours', 'k', '{}', 7, null);
select credit_reserve('acme', 'chat', 90, '1 month 25 hours', 'k', null, 7, '{}');
-- One scope with spends and usage.
select credit_consume('acme', 'chat', 90, 'k');
select credit_ingest('acme', 'tokens', 90, idempotency_key => 'k');
select amount from credit_consume('acme', 'chat', 1, 'spend');
select credit_reserve('acme', 'chat', 1, idempotency_key => 'spend');
-- It is over, and its key is still taken.
select amount, available from credit_settle(:'hold', 0);
select credit_reserve('acme', 'chat', 90, '1 month 25 hours', 'k', null, 7, null) = :'hold' as same;
select credit_available('acme', 'chat');
rollback;
