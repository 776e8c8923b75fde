-- One session sees its own writes in every isolation level, and reads write nothing.
\set SHOW_CONTEXT never
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
create procedure pg_temp.run(ledger text) language plpgsql as $$
declare
    child uuid;
    answer jsonb;
begin
    perform credit_create_ledger(ledger, measure_from => '2024-01-01 00:00+00');
    perform credit_create_grant(ledger, 'chat', 10, effective_at => '2024-01-01 00:00+00', rollover_type => 'REMAINING_AMOUNT', idempotency_key => ledger);
    raise notice '%: available %', ledger, credit_available(ledger, 'chat', '2024-01-02 00:00+00');
    perform credit_ingest(ledger, 'tokens', 4, '2024-01-02 00:00+00');
    raise notice 'available %', credit_available(ledger, 'chat', '2024-01-03 00:00+00');
    answer := credit_reset(ledger, '2024-02-01 00:00+00');
    child := answer #>> '{grants,0,id}';
    raise notice 'rolled %, replayed %', answer #> '{grants,0,amount}', credit_reset(ledger, '2024-02-01 00:00+00') -> 'replayed';
    perform credit_ingest(ledger, 'tokens', 1, '2024-01-03 00:00+00');
    raise notice 'child %', (credit_get_grant(child)).amount;
    perform credit_void_grant(child, '2024-02-02 00:00+00');
    raise notice 'available %, grant again %', credit_available(ledger, 'chat', '2024-02-03 00:00+00'),
        (credit_create_grant(ledger, 'chat', 10, effective_at => '2024-01-01 00:00+00', rollover_type => 'REMAINING_AMOUNT', idempotency_key => ledger)).amount;
end;
$$;
begin isolation level read committed;
call pg_temp.run('committed');
commit;
begin isolation level repeatable read;
call pg_temp.run('repeatable');
commit;
begin isolation level serializable;
call pg_temp.run('serializable');
commit;
-- On what was there before the transaction, too.
begin isolation level repeatable read;
select credit_available('committed', 'chat', '2024-03-01 00:00+00');
select amount from credit_create_grant('committed', 'chat', 7, effective_at => '2024-02-03 00:00+00');
select credit_available('committed', 'chat', '2024-03-01 00:00+00');
select credit_reset('committed', '2024-03-01 00:00+00') -> 'replayed' as replayed;
commit;
begin read only;
select credit_available('serializable', 'chat', '2024-01-03 00:00+00');
select count(*) from credit_history('serializable');
select jsonb_array_length(credit_balance('serializable') -> 'featureBalances') as features;
select count(*) from credit_list_grants();
select usage from credit_usage('serializable', 'chat', '2024-01-01 00:00+00', '2024-02-01 00:00+00');
select credit_ingest('serializable', 'tokens');
rollback;
begin read only;
select credit_reset('serializable');
rollback;
