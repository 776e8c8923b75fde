-- A reset drops what is owed, or keeps it with preserve_overage; credit for usage to come alike.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger(s, measure_from => '2024-01-01') from unnest('{drop,keep,drop credit,keep credit}'::text[]) as s;
    perform credit_create_grant(s, 'chat', 10, effective_at => '2024-01-01', metadata => '{"name": "A"}') from unnest('{drop,keep}'::text[]) as s;
    perform credit_ingest(s, 'tokens', 30, '2024-01-10') from unnest('{drop,keep}'::text[]) as s;
    perform credit_ingest(s, 'tokens', -5, '2024-01-10') from unnest('{drop credit,keep credit}'::text[]) as s;
end;
$$;
select credit_reset('drop', '2024-02-01') #> '{reset,preserveOverage}' as preserve;
select credit_reset('keep', '2024-02-01', preserve_overage => true) #> '{reset,preserveOverage}' as preserve;
select credit_reset('drop credit', '2024-02-01') -> 'replayed' as replayed;
select credit_reset('keep credit', '2024-02-01', true) -> 'replayed' as replayed;
select s as ledger, t.* from unnest('{drop,keep,drop credit,keep credit}'::text[]) as s, pg_temp.totals(s, '2024-02-01') as t;
select s as ledger, h.at, type, name, amount, balance, overage, owed
from unnest('{drop,keep,drop credit,keep credit}'::text[]) as s, pg_temp.history(s, '2024-01-01', '2024-02-02') as h;
-- What is kept is paid by the next credit.
select amount from credit_create_grant('keep', 'chat', 25, effective_at => '2024-02-01', metadata => '{"name": "B"}');
select * from pg_temp.totals('keep', '2024-02-01');
select type, name, amount, balance, overage, owed from pg_temp.history('keep', '2024-02-01', '2024-02-02');
-- Credit for usage to come is not given to grants, but meets the usage that comes.
select credit_ingest('keep credit', 'tokens', 7, '2024-02-02');
select * from pg_temp.totals('keep credit', '2024-02-03');
rollback;
