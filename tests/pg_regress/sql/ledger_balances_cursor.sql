-- A report is one query of one snapshot and one time, however its rows are fetched.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    for n in 1..700 loop
        perform credit_create_ledger('s' || to_char(n, 'FM000'), measure_from => '2024-01-01');
        perform credit_create_grant('s' || to_char(n, 'FM000'), 'chat', n, effective_at => '2024-01-01');
    end loop;
end;
$$;
explain (costs off) select * from credit_ledger_balances('chat', '2024-02-01') where balance < 10 order by balance;
explain (costs off) select (credit_ledger_balances()).* limit 3;

-- In the target list, a LIMIT ends the work as well.
select (b).subject, (b).balance from (select credit_ledger_balances(at => '2024-02-01') as b limit 3) as x;
select count(*) from (select credit_ledger_balances(at => '2024-02-01') limit 650) as x;

declare report cursor for select b.subject, b.balance, b.usage from credit_ledger_balances(at => '2024-02-01') as b;
declare rows cursor for select (b).subject, (b).balance, (b).usage from (select credit_ledger_balances(at => '2024-02-01') as b) as x;
declare clock cursor for select (b).subject, (b).balance, (b).usage from (select credit_ledger_balances() as b) as x;
fetch 2 from report;
fetch 2 from rows;
fetch 2 from clock;
-- What comes now, they do not see.
select credit_ingest('s002', 'tokens', 1, '2024-01-05'), credit_ingest('s650', 'tokens', 1, '2024-01-05'), credit_ingest('s650', 'tokens', 1);
select subject from credit_create_ledger('s649b', measure_from => '2024-01-01');
select credit_reset('s650', '2024-01-06') is not null as reset;
move 646 in report;
move 646 in rows;
move 646 in clock;
fetch 3 from report;
fetch 3 from rows;
fetch 3 from clock;
move all in rows;
fetch 1 from rows;
close rows;
select b.subject, b.balance, b.usage from credit_ledger_balances(at => '2024-02-01') as b where subject in ('s002', 's649', 's649b', 's650');

-- The clock is read once, when the first row is.
select amount from credit_create_grant('s690', 'chat', 1000, expires_at => clock_timestamp() + '2 s');
declare while_it_lasts cursor for select (b).subject, (b).balance from (select credit_ledger_balances() as b) as x;
fetch 1 from while_it_lasts;
select pg_sleep(2.1);
move 688 in while_it_lasts;
fetch 1 from while_it_lasts;
select b.balance from credit_ledger_balances() as b where b.subject = 's690';

-- It is a table like any other.
select name, sum(balance), count(*) from credit_ledger_balances(at => '2024-01-02') group by name;
select b.subject, l.measure_from from credit.ledgers l join credit_ledger_balances('chat', '2024-01-02') b on b.ledger_id = l.id where b.balance > 699;

-- A timeout ends it.
set local statement_timeout = '1ms';
select count(*) from credit_ledger_balances(), credit_ledger_balances() as again;
\echo :LAST_ERROR_SQLSTATE
rollback;
