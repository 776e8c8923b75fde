-- A grant that expires exactly at the reset has ended and does not roll over.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        expires_after => '1 month', rollover_type => 'REMAINING_AMOUNT',
        metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40, '2024-01-20');
end;
$$;
select credit_reset('acme', '2024-02-01') -> 'grants' as children;
select * from pg_temp.balances('acme', '2024-02-01');
select * from pg_temp.totals('acme', '2024-02-01');
select * from pg_temp.history('acme', '2024-01-01', '2024-02-02');
rollback;
