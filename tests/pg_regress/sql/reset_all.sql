-- The end of a period for all ledgers.
\set SHOW_CONTEXT never
\set VERBOSITY terse
set timezone = 'UTC';
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    for n in 1..25 loop
        perform credit_create_ledger('s' || to_char(n, 'FM00'), measure_from => '2024-01-01');
        perform credit_create_grant('s' || to_char(n, 'FM00'), 'chat', 100, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 50);
        perform credit_create_grant('s' || to_char(n, 'FM00'), 'chat', 10, effective_at => '2024-01-01');
        perform credit_ingest('s' || to_char(n, 'FM00'), 'tokens', n * 5, '2024-01-10');
    end loop;
    perform credit_create_ledger('late', measure_from => '2024-02-02');
    perform credit_create_ledger('starts', measure_from => '2024-02-01');
    perform credit_create_ledger('elsewhere', measure_from => '2024-01-01', namespace => 'other');
    perform credit_reset('s03', '2024-02-01');
    perform credit_reset('s04', '2024-02-01', preserve_overage => true);
    perform credit_reset('s05', '2024-02-02');
    perform credit_reset('s06', '2024-02-01');
    perform credit_reset('s06', '2024-02-02');
    perform credit_reset('s07', '2024-01-31 12:00');
end;
$$;
create table before as select l.subject, r.id, r.effective_at from credit.resets r join credit.ledgers l on l.id = r.ledger_id;

call credit_reset_all('2024-02-01', batch_size => 10);

-- What was there is as it was.
select * from before except select l.subject, r.id, r.effective_at from credit.resets r join credit.ledgers l on l.id = r.ledger_id;
-- What was reset, and what rolled over, is what credit_reset gives.
select l.subject, r.effective_at, r.preserve_overage, b.balance, b.overage, b.usage
from credit.ledgers l
left join credit.resets r on r.ledger_id = l.id
left join credit_ledger_balances(at => '2024-02-03') b on b.ledger_id = l.id
order by l.subject, r.effective_at;
select count(*) from credit.ledgers l, lateral credit_reset(l.subject, '2024-02-01') r
where l.subject like 's%' and l.subject not in ('s04', 's05', 's06', 'starts') and r ->> 'replayed' <> 'true';

-- Called again it changes nothing, and the default size of a batch changes nothing either.
create table counts as select (select count(*) from credit.resets) as resets, (select count(*) from credit.grants) as grants;
call credit_reset_all('2024-02-01');
select (select count(*) from credit.resets) - resets as resets, (select count(*) from credit.grants) - grants as grants from counts;

-- With another preserve_overage it is another reset, for which the time is taken.
call credit_reset_all('2024-02-01', preserve_overage => true, batch_size => 1000000);

-- Overage is kept where that is wanted.
select credit_ingest('s25', 'tokens', 15, '2024-02-10');
call credit_reset_all('2024-03-01', true);
select subject, balance, overage from credit_ledger_balances(at => '2024-03-01') where subject in ('s01', 's04', 's25');

-- Another namespace; none at all; a namespace of the session.
call credit_reset_all('2024-02-01', namespace => 'other');
call credit_reset_all('2024-02-01', namespace => 'nobody');
set credit.namespace = 'other';
call credit_reset_all('2024-03-01');
reset credit.namespace;

-- From a procedure, and in a block, with a variable for the summary.
do $$
declare
    summary jsonb;
begin
    call credit_reset_all('2024-04-01', summary => summary, namespace => 'other');
    raise notice '%', summary ->> 'reset';
end;
$$;
-- A search path changes nothing.
create schema evil;
create function evil.never(text, text) returns boolean language sql as 'select false';
create function evil.never(bigint, bigint) returns boolean language sql as 'select false';
create function evil.never(timestamptz, timestamptz) returns boolean language sql as 'select false';
create function evil.nothing(bigint, bigint) returns bigint language sql as 'select 0::bigint';
create operator evil.= (function = evil.never, leftarg = text, rightarg = text);
create operator evil.> (function = evil.never, leftarg = text, rightarg = text);
create operator evil.> (function = evil.never, leftarg = bigint, rightarg = bigint);
create operator evil.> (function = evil.never, leftarg = timestamptz, rightarg = timestamptz);
create operator evil.+ (function = evil.nothing, leftarg = bigint, rightarg = bigint);
create domain evil.text as int;
create domain evil.bool as int;
create function evil.format(text, variadic text[]) returns text language sql as $$ select 'evil' $$;
create table evil.ledgers (id int);
set search_path = evil, pg_catalog, public;
call credit_reset_all('2024-05-01', namespace => 'other');
call credit_reset_all('3024-05-01', namespace => 'other');
