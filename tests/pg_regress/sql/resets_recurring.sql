-- A recurring grant stays at a reset, with what would have rolled over.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create temp table cases (ledger text, type text, cap numeric);
insert into cases values ('none', null, null), ('remaining', 'REMAINING_AMOUNT', null), ('remaining up to 25', 'REMAINING_AMOUNT', 25),
    ('original', 'ORIGINAL_AMOUNT', null), ('original up to 50', 'ORIGINAL_AMOUNT', 50), ('original up to 20', 'ORIGINAL_AMOUNT', 20);
do $$
declare c cases;
begin
    for c in select * from cases loop
        perform credit_create_ledger(c.ledger, measure_from => '2024-01-01');
        perform credit_create_grant(c.ledger, 'chat', 100, effective_at => '2024-01-01', rollover_type => c.type,
            rollover_max_amount => c.cap, recurs_every => '1 month', metadata => '{"name": "A"}');
        perform credit_ingest(c.ledger, 'tokens', 60, '2024-01-10');
        perform credit_reset(c.ledger, '2024-01-15');
    end loop;
end;
$$;
select ledger, b.name, b.amount, b.balance, l.balance as at_the_end, n.balance as refilled
from cases, pg_temp.balances(ledger, '2024-01-15') as b, pg_temp.balances(ledger, '2024-01-31 23:59') as l,
    pg_temp.balances(ledger, '2024-02-01') as n;
select ledger, h.at, h.type, h.name, h.amount, h.balance from cases, pg_temp.history(ledger, '2024-01-15', '2024-02-02') as h;
rollback;
