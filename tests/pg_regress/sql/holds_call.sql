-- A call whose cost is known afterwards: hold the most, commit, call, settle; release where it fails.
\set SHOW_CONTEXT never
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
end;
$$;
create function standing(balance out numeric, held out numeric, available out numeric) language sql stable as $$
select f.balance, f.held, f.available from credit_feature_balances('acme') as f
$$;
-- Stands for the call: it costs a hundredth of the prompt's length, and does not like some prompts.
create function model(prompt text) returns numeric language plpgsql as $$
begin
    raise notice 'during the call %', standing();
    if prompt = 'bad' then
        raise exception 'no answer';
    end if;
    return length(prompt) * 0.01;
end;
$$;
create procedure ask(prompt text, most numeric) language plpgsql as $$
declare
    hold uuid := credit_reserve('acme', 'chat', most, '5 minutes', metadata => jsonb_build_object('prompt', prompt));
    cost numeric;
begin
    commit;
    begin
        cost := model(prompt);
    exception when others then
        perform credit_release(hold);
        raise notice '%: released', sqlerrm;
        return;
    end;
    perform credit_settle(hold, cost);
end;
$$;
call ask('hello', 40);
select * from standing();
call ask('bad', 40);
select * from standing();
-- More than there is cannot be held, and the model is not asked.
call ask('hello', 99.96);
-- It costs more than was held: that much is there.
call ask('a longer prompt', 0.1);
select * from standing();
-- Two calls at a time share what there is.
select credit_reserve('acme', 'chat', 90) as other \gset
call ask('hello', 40);
call ask('hello', 9.8);
-- What the other does not need is there again; repeated, its answer is the same.
select amount, available, replayed from credit_settle(:'other', 45.5);
select amount, available, replayed from credit_settle(:'other', 45.5);
-- A program that died: its hold ends by itself.
select credit_reserve('acme', 'chat', 10, '1 millisecond') is null as failed;
select pg_sleep(0.01);
select * from standing();
select state, metadata ->> 'prompt' as prompt, amount, settled from credit_list_holds('acme', include_closed => true);
