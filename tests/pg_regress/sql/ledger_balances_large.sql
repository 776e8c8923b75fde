-- Ledgers with so many phases or grants that few of them are computed together.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    -- Four years of hourly refills: some 35,000 phases each.
    for n in 1..20 loop
        perform credit_create_ledger('hourly' || n, measure_from => '2024-01-01 00:00+00');
        perform credit_create_grant('hourly' || n, 'chat', n, effective_at => '2024-01-01 00:00+00', recurs_every => '1 hour');
        perform credit_ingest('hourly' || n, 'tokens', n / 4.0, '2027-12-31 23:10+00');
    end loop;
    for n in 1..5 loop
        perform credit_create_ledger('many' || n, measure_from => '2024-01-01 00:00+00');
        perform credit_create_grant('many' || n, 'chat', n, effective_at => '2024-01-02 00:00+00');
        perform credit_ingest('many' || n, 'tokens', n * 1500, '2024-06-01 00:00+00');
    end loop;
end;
$$;
-- 5,000 grants each, one an hour.
insert into credit.grants (id, ledger_id, feature_id, amount, priority, effective_at, metadata, created_at)
select gen_random_uuid(), g.ledger_id, g.feature_id, g.amount, 1, g.effective_at + n * interval '1 hour', '{}', g.created_at
from credit.grants g join credit.ledgers l on l.id = g.ledger_id, generate_series(1, 4999) n
where l.subject like 'many%';

select count(*), count(*) filter (where a is distinct from e) as wrong, sum(a.balance)
from (select l.subject, b.* from credit.ledgers l, lateral credit_feature_balances(l.subject, '2027-12-31 23:59+00') as b where l.subject <> 'acme') as e
full join (select subject, feature_id, name, balance, usage, overage, available, held from credit_ledger_balances(at => '2027-12-31 23:59+00')) as a
    on a.subject = e.subject;
select subject, balance, usage, overage from credit_ledger_balances(at => '2027-12-31 23:59+00');
rollback;
