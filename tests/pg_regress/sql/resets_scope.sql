-- A reset ends what was effective before it and is still active; other ledgers are untouched.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger('other', measure_from => '2024-01-01');
    perform credit_create_grant('other', 'chat', 5, effective_at => '2024-01-01', metadata => '{"name": "other"}');
    perform credit_create_feature('images', 'tokens', '{"model": "image"}');
    perform credit_create_grant('acme', 'images', 7, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "images"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', metadata => '{"name": "before"}');
    perform credit_create_grant('acme', 'chat', 2, effective_at => '2024-01-31 23:59:59.999999', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "just before"}');
    perform credit_create_grant('acme', 'chat', 3, effective_at => '2024-02-01', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "at"}');
    perform credit_create_grant('acme', 'chat', 4, effective_at => '2024-02-02', metadata => '{"name": "after"}');
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "void"}');
    perform credit_void_grant(pg_temp.id_of('void'), '2024-02-01');
end;
$$;
select count(*) as children from jsonb_array_elements(credit_reset('acme', '2024-02-01') -> 'grants');
select * from pg_temp.balances('acme', '2024-02-02');
select * from pg_temp.totals('acme', '2024-02-02');
select * from pg_temp.balances('other', '2024-02-02');
-- The order at one instant: expiry, void, reset, then grants that become effective.
select type, name, amount, balance from pg_temp.history('acme', '2024-02-01', '2024-02-01 00:00:00.000001');
select credit_high_watermark('acme'), credit_high_watermark('other');
rollback;
