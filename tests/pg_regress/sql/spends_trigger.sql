-- A trigger that spends makes credit a constraint of the application's own table.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01') is null as failed;
create temp table messages (id int primary key, customer text, tokens numeric);
create function pg_temp.spend() returns trigger language plpgsql as $$
begin
    perform credit_consume(new.customer, 'chat', new.tokens, 'message ' || new.id);
    return new;
end;
$$;
create trigger spend before insert on messages for each row execute function pg_temp.spend();
insert into messages values (1, 'acme', 4);
insert into messages values (2, 'acme', 3), (3, 'acme', 4);
\echo :LAST_ERROR_SQLSTATE
insert into messages values (2, 'acme', 3), (3, 'acme', 3);
insert into messages values (3, 'acme', 3);
select count(*), sum(tokens), credit_available('acme', 'chat') from messages;
-- And one after the statement.
create function pg_temp.look() returns trigger language plpgsql as $$
begin
    raise notice 'available %', credit_available('acme', 'chat');
    return null;
end;
$$;
create trigger look after insert on messages for each statement execute function pg_temp.look();
insert into messages values (4, 'acme', -5), (5, 'acme', 1);
rollback;
