-- Refills at anchor + n periods while active, whatever the time between anchor and start.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger(s, measure_from => '2024-01-01') from unnest('{past,future,expires,hours,owed,leap}'::text[]) as s;
    perform credit_create_grant('past', 'chat', 10, effective_at => '2024-01-10', recurs_every => '1 week', recurrence_anchor => '2023-12-25', metadata => '{"name": "A"}');
    perform credit_create_grant('future', 'chat', 10, effective_at => '2024-01-10', recurs_every => '1 month', recurrence_anchor => '2024-06-20 12:00', metadata => '{"name": "A"}');
    perform credit_create_grant('expires', 'chat', 10, effective_at => '2024-01-10', recurs_every => '10 days', expires_at => '2024-01-30', metadata => '{"name": "A"}');
    perform credit_create_grant('hours', 'chat', 10, effective_at => '2024-01-10', recurs_every => '36 hours', metadata => '{"name": "A"}');
    perform credit_create_grant('owed', 'chat', 10, effective_at => '2024-01-10', recurs_every => '1 day', metadata => '{"name": "A"}');
    perform credit_create_grant('leap', 'chat', 10, effective_at => '2024-02-29', recurs_every => '1 year', metadata => '{"name": "A"}');
    perform credit_ingest(s, 'tokens', 4, '2024-01-11') from unnest('{past,future,expires,hours}'::text[]) as s;
    perform credit_ingest('owed', 'tokens', 25, '2024-01-10 12:00');
    perform credit_ingest('leap', 'tokens', 1, t::timestamptz) from unnest('{2024-03-01,2025-03-01,2026-03-01,2027-03-01,2028-02-29}'::text[]) as t;
end;
$$;
select h.at, type, name, amount, balance from pg_temp.history('past', '2024-01-10', '2024-01-23') as h;
select h.at, type, name, amount, balance from pg_temp.history('future', '2024-01-10', '2024-03-21') as h;
select h.at, type, name, amount, balance from pg_temp.history('expires', '2024-01-10', '2024-03-01') as h;
select h.at, type, name, amount, balance from pg_temp.history('hours', '2024-01-10', '2024-01-15') as h;
-- What is owed is paid by refill after refill.
select * from pg_temp.history('owed', '2024-01-10', '2024-01-14') as h;
select t, balance, overage from unnest('{2024-01-10 13:00,2024-01-11,2024-01-12,2024-01-13}'::timestamptz[]) as t, pg_temp.totals('owed', t);
-- The 29th of February comes again.
select h.at, type, amount, balance from pg_temp.history('leap', '2024-01-10', '2028-03-01') as h where type = 'GRANT';
rollback;
