-- A grant for two months rolls over; an event that arrives late changes what rolled.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        expires_after => '2 months', rollover_type => 'REMAINING_AMOUNT',
        metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40, '2024-01-10');
end;
$$;
select g ->> 'amount' as amount, g ->> 'expiresAt' as expires_at, g -> 'expiration' as expiration
from jsonb_array_elements(credit_reset('acme', '2024-02-01') -> 'grants') as g;
select pg_temp.id_of('A''') as child \gset
select * from pg_temp.balances('acme', '2024-02-10');
select * from pg_temp.history('acme', '2024-01-01', '2024-02-10');
-- In February an event of January arrives.
select credit_ingest('acme', 'tokens', 15, '2024-01-20');
select * from pg_temp.balances('acme', '2024-02-10');
select pg_temp.id_of('A''') = :'child' as same_id;
select amount, effective_at, expires_at from credit_get_grant(:'child');
select * from pg_temp.history('acme', '2024-01-01', '2024-02-10');
rollback;
