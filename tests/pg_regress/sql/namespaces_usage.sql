-- Usage, grants and resets of one namespace are nothing to another.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select id as ledger from credit_get_ledger('acme') \gset
select id as feature from credit_get_feature('chat') \gset
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}', idempotency_key => 'k');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-02', idempotency_key => 'k');
    set local credit.namespace = 'tenant b';
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', metadata => '{"name": "B"}', idempotency_key => 'k');
    perform credit_ingest('acme', 'tokens', 30, '2024-01-02', idempotency_key => 'k');
    perform credit_reset('acme', '2024-02-01');
    reset credit.namespace;
end;
$$;
select * from pg_temp.totals('acme', '2024-02-02');
select credit_available('acme', 'chat', '2024-01-03', namespace => 'tenant b'), credit_available('acme', 'chat', '2024-02-02', 'tenant b');
select pg_temp.name_of(id) from credit_list_grants();
select pg_temp.name_of(id) from credit_list_grants(namespace => 'tenant b');
select credit_high_watermark('acme'), credit_high_watermark('acme', 'tenant b');
select type, amount from credit_history('acme', '2024-01-01', '2024-03-01');
select type, amount from credit_history('acme', '2024-01-01', '2024-03-01', namespace => 'tenant b');
-- Ids of another namespace are unknown.
\set VERBOSITY sqlstate
select credit_available(:'ledger', 'chat', '2024-01-03', namespace => 'tenant b');
select credit_available('acme', :'feature', '2024-01-03', namespace => 'tenant b');
select credit_create_grant('acme', :'feature', 1, namespace => 'tenant b');
select credit_reset(:'ledger', namespace => 'tenant b');
rollback;
