-- A read does not see what its own statement wrote; the next one does.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_available('acme', 'chat', '2024-01-10') as before, credit_ingest('acme', 'tokens', 5, '2024-01-02'),
    credit_available('acme', 'chat', '2024-01-10') as after;
select credit_available('acme', 'chat', '2024-01-10');
with spent as materialized (select credit_ingest('acme', 'tokens', 7, '2024-01-02') as done)
select done, credit_available('acme', 'chat', '2024-01-10') from spent;
select credit_available('acme', 'chat', '2024-01-10');
-- Writers see one another.
select sum(g.amount) from generate_series(1, 3) as n, credit_create_grant('acme', 'chat', n, effective_at => '2024-01-01', idempotency_key => 'k' || n) as g;
select credit_ingest('acme', 'tokens', 1, '2024-01-03', idempotency_key => 'e'), credit_ingest('acme', 'tokens', 1, '2024-01-03', idempotency_key => 'e');
select credit_available('acme', 'chat', '2024-01-10');
rollback;
