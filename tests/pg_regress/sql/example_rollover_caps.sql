-- What a reset leaves of a grant, by type of rollover and cap. A ledger for each case.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create temp table cases (ledger text, type text, cap numeric, used numeric);
insert into cases values
    ('remaining 0 up to 50', 'REMAINING_AMOUNT', 50, 100),
    ('remaining 80 up to 50', 'REMAINING_AMOUNT', 50, 20),
    ('remaining 30 up to 50', 'REMAINING_AMOUNT', 50, 70),
    ('remaining 30 up to 0', 'REMAINING_AMOUNT', 0, 70),
    ('remaining 30', 'REMAINING_AMOUNT', null, 70),
    ('original 100 up to 50', 'ORIGINAL_AMOUNT', 50, 100),
    ('original 100 up to 500', 'ORIGINAL_AMOUNT', 500, 100),
    ('original 100', 'ORIGINAL_AMOUNT', null, 100),
    ('none', null, null, 70);
do $$
declare c cases;
begin
    for c in select * from cases loop
        perform credit_create_ledger(c.ledger, measure_from => '2024-01-01');
        perform credit_create_grant(c.ledger, 'chat', 100, effective_at => '2024-01-01',
            rollover_type => c.type, rollover_max_amount => c.cap, metadata => '{"name": "A"}');
        perform credit_ingest(c.ledger, 'tokens', c.used, '2024-01-10');
    end loop;
end;
$$;
select ledger, jsonb_path_query_array(credit_reset(ledger, '2024-02-01'), '$.grants[*].amount')
from cases;
select ledger, name, amount, b.balance, f.balance as total, f.usage, f.overage
from cases
cross join pg_temp.totals(ledger, '2024-02-01') as f
left join pg_temp.balances(ledger, '2024-02-01') as b on true;
select type, name, amount, balance from pg_temp.history('remaining 80 up to 50', '2024-02-01', '2024-02-02');
select type, name, amount, balance from pg_temp.history('remaining 0 up to 50', '2024-02-01', '2024-02-02');
-- What an ORIGINAL_AMOUNT child holds beyond what was left is a grant.
select type, name, amount, balance from pg_temp.history('original 100', '2024-02-01', '2024-02-02');
select type, name, amount, balance from pg_temp.history('none', '2024-02-01', '2024-02-02');
rollback;
