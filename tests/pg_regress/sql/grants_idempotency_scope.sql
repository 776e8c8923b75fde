-- A key belongs to a namespace and to grants: usage and resets have their own.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05', idempotency_key => 'k');
select credit_ingest('acme', 'tokens', 1, '2024-01-06', idempotency_key => 'k');
select credit_reset('acme', '2024-02-01', idempotency_key => 'k') -> 'replayed' as replayed;
do $$
begin
    set local credit.namespace = 'tenant b';
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01');
end;
$$;
select amount from credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-05', idempotency_key => 'k');
select scope, namespace, key from credit.idempotency_keys order by namespace, scope;
rollback;
