-- An error inside of a function leaves the caller who he was.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create role regress_credit_caller;
grant usage on schema credit to regress_credit_caller;
grant select on credit.ledgers to regress_credit_caller;
do $$
declare f text;
begin
    for f in select p.oid::regprocedure from pg_proc as p where p.prokind = 'f' and p.pronamespace = 'public'::regnamespace and p.proname like 'credit\_%' loop
        execute format('grant execute on function %s to regress_credit_caller', f);
    end loop;
end;
$$;
set local role regress_credit_caller;
select current_user, session_user <> current_user as other;
do $$
begin
    begin
        perform credit_reset('acme', '2023-01-01');
    exception when sqlstate 'UC202' then
        raise notice '% %', sqlstate, current_user;
    end;
    begin
        perform credit_create_grant('acme', 'nothing', 1);
    exception when sqlstate 'UC002' then
        raise notice '% %', sqlstate, current_user;
    end;
    begin
        perform credit_ingest('acme', 'nothing');
    exception when sqlstate 'UC004' then
        raise notice '% %', sqlstate, current_user;
    end;
    begin
        perform credit_balance('acme', '2023-01-01');
    exception when sqlstate 'UC202' then
        raise notice '% %', sqlstate, current_user;
    end;
end;
$$;
select current_user;
select count(*) from credit.grants;
\echo :LAST_ERROR_SQLSTATE
-- And so does success.
select amount from credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-01');
select credit_ingest('acme', 'tokens', 2, '2024-01-02');
select credit_available('acme', 'chat', '2024-01-03');
select count(*) from credit.grants;
\echo :LAST_ERROR_SQLSTATE
select count(*) from credit.usage_events;
\echo :LAST_ERROR_SQLSTATE
reset role;
rollback;
