-- A grant with a time of expiry keeps it when it rolls over.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        expires_at => '2024-03-01', rollover_type => 'REMAINING_AMOUNT',
        metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40, '2024-01-10');
end;
$$;
select g -> 'amount' as amount, g -> 'expiresAt' as expires_at, g -> 'expiration' as expiration
from jsonb_array_elements(credit_reset('acme', '2024-02-01') -> 'grants') as g;
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.balances('acme', '2024-02-29 23:59:59.999999');
select * from pg_temp.totals('acme', '2024-03-01');
rollback;
