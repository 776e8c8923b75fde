-- Inside of one block every call sees what was done before it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
declare
    made credit.grant_row;
    answer jsonb;
    total numeric := 0;
begin
    made := credit_create_grant('acme', 'chat', 1000, rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    raise notice 'granted %, available %', made.amount, credit_available('acme', 'chat');
    for n in 1..50 loop
        perform credit_ingest('acme', 'tokens', n);
        total := total + n;
        if credit_available('acme', 'chat') <> 1000 - total then
            raise exception 'after % events: available % instead of %', n, credit_available('acme', 'chat'), 1000 - total;
        end if;
    end loop;
    raise notice 'used %, available %', total, credit_available('acme', 'chat');
    perform credit_ingest('acme', 'tokens', -575);
    raise notice 'usage %', (select usage from credit_feature_balances('acme'));
    answer := credit_reset('acme');
    raise notice 'rolled over %', answer #> '{grants,0,amount}';
    perform credit_ingest('acme', 'tokens', 500);
    raise notice 'balance % usage %', (select balance from credit_feature_balances('acme')), (select usage from credit_feature_balances('acme'));
    made := credit_void_grant((answer #>> '{grants,0,id}')::uuid, forfeit_remaining => true);
    raise notice 'void %, available %', made.voided_at is not null, credit_available('acme', 'chat');
    raise notice 'history %', (select string_agg(h.type || ' ' || h.amount, ', ') from credit_history('acme') as h);
end;
$$;
rollback;
-- So it is in a procedure that commits in between, where the clock goes on.
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme');
create procedure spend() language plpgsql as $$
begin
    perform credit_create_grant('acme', 'chat', 10);
    perform credit_ingest('acme', 'tokens', 3);
    raise notice 'available %', credit_available('acme', 'chat');
    commit;
    raise notice 'available %', credit_available('acme', 'chat');
    perform credit_ingest('acme', 'tokens', 4);
    raise notice 'available %', credit_available('acme', 'chat');
    rollback;
    raise notice 'available %', credit_available('acme', 'chat');
    perform credit_reset('acme');
    perform credit_create_grant('acme', 'chat', 5);
    raise notice 'available %', credit_available('acme', 'chat');
end;
$$;
call spend();
select credit_available('acme', 'chat');
