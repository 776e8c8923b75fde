-- What a seal refuses, in full, and what seals cannot be.
\set SHOW_CONTEXT never
set timezone = 'UTC';
create function told(call text) returns table (told text) language plpgsql as $$
declare
    detail text;
    hint text;
begin
    execute call into told;
    return next;
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    told := concat_ws(' | ', sqlstate, sqlerrm, detail, hint);
    return next;
end;
$$;
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01');
    perform credit_create_ledger('later', measure_from => '2024-03-01');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', metadata => '{"name": "a"}');
    perform credit_create_grant('acme', 'chat', -5, effective_at => '2024-01-02', metadata => '{"name": "debit"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', idempotency_key => 'g');
    perform credit_ingest('acme', 'tokens', 30, '2024-01-10', '{}', 'e');
end;
$$;

-- No seal.
call credit_retire(null);
call credit_retire('infinity');
call credit_retire('2024-02-01', delete_events => null);
call credit_retire('2024-02-01', batch_size => null);
call credit_retire('2024-02-01', batch_size => 0);
\set VERBOSITY sqlstate
call credit_retire(now() + interval '1 hour');
\set VERBOSITY default
begin;
call credit_retire('2024-02-01');
rollback;
set default_transaction_isolation = 'repeatable read';
call credit_retire('2024-02-01');
reset default_transaction_isolation;
select credit.sealed_at(null), (select count(*) from credit.seals);
-- No step before the one that must come first.
select told($$ select credit.close_seal('2024-02-01', null) $$);
select told($$ select credit.seal_ledgers('2024-02-01', '', 10, null) $$);
select told($$ select credit.complete_seal('2024-02-01', null) $$);
select told($$ select credit.delete_sealed_events('2024-02-01', 0, 10, null) $$);
begin;
select credit.announce_seal('2024-02-01', null);
select told($$ select credit.close_seal('2024-02-01', null) $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-31') $$);
rollback;
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-31') $$);
select credit.announce_seal('2024-02-01', null);
select credit.announce_seal('2024-02-01', null);
select told($$ select credit.seal_ledgers('2024-02-01', '', 10, null) $$);
select credit.close_seal('2024-02-01', null);
select credit.close_seal('2024-02-01', null);
select told($$ select credit.complete_seal('2024-02-01', null) $$);
select told($$ select credit.delete_sealed_events('2024-02-01', 0, 10, null) $$);
select * from credit.seal_ledgers('2024-02-01', '', 10, null);
select * from credit.seal_ledgers('2024-02-01', 'acme', 10, null);
select credit.complete_seal('2024-02-01', null);
select told($$ select credit.delete_sealed_events('2024-02-01', -1, 10, null) $$);
select told($$ select credit.delete_sealed_events('2024-02-01', 0, 0, null) $$);
select told($$ select credit.delete_sealed_events('2024-02-01', 4294967295, 1, null) $$);
select told($$ select credit.delete_sealed_events('2024-02-01', null, 1, null) $$);
select credit.delete_sealed_events('2024-02-01', 4294967294, 2147483647, null);
select credit.delete_sealed_events('2024-02-01', 1, 2147483647, null);
select credit.delete_sealed_events('2024-02-01', 0, 1, null);
select credit.sealed_at(null);

-- Events.
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-31 23:59:59.999999') $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-02-01') $$);
select told($$ select credit_ingest('nobody', 'tokens', 1, '2024-01-31') $$);
select told($$ select credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}, {"subject": "acme", "meter": "tokens", "occurred_at": "2024-01-01T00:00:00Z"}]') $$);
select told($$ select credit_ingest_arrays('{acme,acme}', '{tokens,tokens}', null, '{2024-03-01,2024-01-01}') $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-31', '{}', 'new') $$);
-- The key was not taken; that of an event that was taken stays taken.
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-02-03', '{}', 'new') $$);
select told($$ select credit_ingest('acme', 'tokens', 30, '2024-01-10', '{}', 'e') $$);
select told($$ select credit_ingest('acme', 'tokens', 30, '2024-01-11', '{}', 'e') $$);
-- Dated at the seal, where that is wanted.
set credit.events_before_seal = 'at_seal';
select told($$ select credit_ingest('acme', 'tokens', 2, '2024-01-31') $$);
select told($$ select credit_ingest_batch('[{"subject": "acme", "meter": "tokens", "occurred_at": "2024-01-01T00:00:00Z", "idempotency_key": "moved"}, {"subject": "acme", "meter": "tokens", "occurred_at": "2024-03-01T00:00:00Z"}]') $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-01', '{}', 'moved') $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-01', '{}', 'new') $$);
reset credit.events_before_seal;
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-01', '{}', 'moved') $$);
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-02-02', '{}', 'moved') $$);
select occurred_at, value from credit.usage_events order by 1, 2;
set credit.events_before_seal = 'nonsense';
-- No other namespace.
select credit_create_meter('tokens', namespace => 'other') is null as failed;
select told($$ select credit_ingest('acme', 'tokens', 1, '2024-01-31', namespace => 'other') $$);

-- Reads.
select told($$ select credit_available('acme', 'chat', '2024-01-31') $$);
select told($$ select credit_available('acme', 'chat', '2024-02-01') $$);
select told($$ select credit_balance('acme', '2024-01-31') $$);
select told($$ select credit_grant_balances('acme', '2024-01-31') $$);
select told($$ select credit_history('acme', '2024-01-31') $$);
select told($$ select credit_usage('acme', 'chat', '2024-01-31') $$);
select told($$ select credit_ledger_balances(at => '2024-01-31') $$);
select told($$ select credit_high_watermark('acme') $$);
select told($$ select credit_high_watermark('later') $$);
select told($$ select credit_available('later', 'chat', '2024-02-15') $$);
select told($$ select credit_available('later', 'chat', '2024-03-01') $$);
select told($$ select count(*) from credit_list_grants(from_time => '2024-01-05', to_time => '2024-01-06') $$);
select told($$ select count(*) from credit_list_grants(from_high_watermark => true) $$);

-- Grants, voids, resets, ledgers.
select told($$ select credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-31') $$);
select told($$ select amount from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', idempotency_key => 'g') $$);
select told($$ select credit_void_grant((select id from credit.grants where metadata ->> 'name' = 'a'), '2024-01-31', true) $$);
select told($$ select credit_void_grant((select id from credit.grants where metadata ->> 'name' = 'debit')) $$);
select told($$ select credit_reset('acme', '2024-01-31') $$);
call credit_reset_all('2024-01-31');
select told($$ select credit_create_ledger('new', measure_from => '2024-01-31') $$);
select told($$ select subject, measure_from from credit_create_ledger('new', measure_from => '2024-02-01') $$);
select told($$ select subject, measure_from from credit_create_ledger('acme', measure_from => '2024-01-01', if_not_exists => true) $$);
select credit_reset('acme', '2024-02-01') ->> 'replayed' as replayed;
select told($$ select credit_reset('acme', '2024-02-01', true) $$);

-- No seal goes back; an open hold is not sealed, unless its time is over.
select told($$ select credit.announce_seal('2024-01-31', null) $$);
select credit_reserve('acme', 'chat', 1, '2 seconds', overdraft => 1000) is null as failed;
select regexp_replace(told, '(\d{4}-[-0-9:.TZ]+|[-0-9a-f]{36})', '…', 'g') as told from told($$ select credit.announce_seal(clock_timestamp(), null) $$);
\set VERBOSITY sqlstate
call credit_retire(now());
\set VERBOSITY default
select credit.sealed_at(null);
select pg_sleep(2);
call credit_retire(now());
