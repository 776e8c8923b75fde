-- An application's own trigger can meter its rows, in the same transaction.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create table requests (customer text, tokens numeric, at timestamptz);
create function meter_request() returns trigger language plpgsql as $$
begin
    perform credit_ingest(new.customer, 'tokens', new.tokens, new.at);
    if credit_available(new.customer, 'chat', '2024-02-01') < 0 then
        raise exception 'out of credit' using errcode = 'P0002';
    end if;
    return null;
end;
$$;
create trigger meter after insert on requests for each row execute function meter_request();
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}');
end;
$$;
insert into requests values ('acme', 3, '2024-01-02'), ('acme', 4, '2024-01-03');
select credit_available('acme', 'chat', '2024-02-01');
insert into requests values ('acme', 2, '2024-01-04'), ('acme', 2, '2024-01-05'), ('acme', 1, '2024-01-05');
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', 'chat', '2024-02-01'), count(*) from requests;
rollback;
