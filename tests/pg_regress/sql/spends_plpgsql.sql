-- A spend is seen by what comes after it, in one block as in one transaction.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
do $$
declare
    spent credit.spend_row;
    attempt credit.try_spend_row;
begin
    for n in 1..50 loop
        spent := credit_consume('acme', 'chat', 1.5);
        if spent.available <> 100 - 1.5 * n or credit_available('acme', 'chat') <> spent.available then
            raise exception 'after %: % and %', n, spent.available, credit_available('acme', 'chat');
        end if;
    end loop;
    attempt := credit_try_consume('acme', 'chat', 26);
    raise notice 'allowed % of %', attempt.allowed, attempt.available;
    begin
        perform credit_consume('acme', 'chat', 20);
        raise notice 'available %', credit_available('acme', 'chat');
        perform credit_consume('acme', 'chat', 20);
    exception when sqlstate 'UC301' then
        raise notice 'taken back: available %', credit_available('acme', 'chat');
    end;
    spent := credit_consume('acme', 'chat', 25);
    raise notice 'available %', spent.available;
end;
$$;
-- Several of one statement see one another; a read of that statement sees none of them.
select n, c.available, credit_available('acme', 'chat') from generate_series(1, 3) as n, credit_consume('acme', 'chat', -n) as c;
select credit_available('acme', 'chat');
rollback;
