-- A ledger that cannot be reset is told and does not stop the others; when it can be, another call
-- resets it.
\set SHOW_CONTEXT never
set timezone = 'UTC';
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    for n in 1..250 loop
        perform credit_create_ledger('s' || to_char(n, 'FM000'), measure_from => '2024-01-01');
        perform credit_create_grant('s' || to_char(n, 'FM000'), 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT');
    end loop;
end;
$$;
create function refuse() returns trigger language plpgsql as $$
begin
    if exists (select from credit.ledgers l where l.id = new.ledger_id and l.subject = any (tg_argv[0]::text[])) then
        raise exception 'not today' using errcode = '55P03', detail = 'A trigger says so.';
    end if;
    return new;
end;
$$;
create trigger refuse before insert on credit.resets for each row execute function refuse('{s007,s008,s250}');
\set VERBOSITY terse
call credit_reset_all('2024-02-01', batch_size => 100);
select count(*), sum(balance) from credit_ledger_balances(at => '2024-02-01');
select l.subject from credit.ledgers l where not exists (select from credit.resets r where r.ledger_id = l.id) order by 1;
call credit_reset_all('2024-02-01', batch_size => 1000000, summary => '{"is": "ignored"}') \gset
\echo :summary
drop trigger refuse on credit.resets;
\set VERBOSITY terse
call credit_reset_all('2024-02-01', batch_size => 50);
select count(*) as ledgers, count(distinct ledger_id) as once from credit.resets;

-- What hits ledger after ledger ends the run with its error; what was done stays.
create function refuse_most() returns trigger language plpgsql as $$
begin
    if (select l.subject > 's050' from credit.ledgers l where l.id = new.ledger_id) then
        raise exception 'all of them' using errcode = '22000';
    end if;
    return new;
end;
$$;
create trigger refuse before insert on credit.resets for each row execute function refuse_most();
set client_min_messages = error;
call credit_reset_all('2024-03-01', batch_size => 20);
\echo :LAST_ERROR_SQLSTATE
select count(*) from credit.resets where effective_at = '2024-03-01';
drop trigger refuse on credit.resets;
call credit_reset_all('2024-03-01');

-- What is not about a ledger ends it at once.
create or replace function refuse() returns trigger language plpgsql as $$
begin
    raise exception 'no more disk' using errcode = 'disk_full';
end;
$$;
create trigger refuse before insert on credit.resets for each row execute function refuse();
call credit_reset_all('2024-04-01');
\echo :LAST_ERROR_SQLSTATE
