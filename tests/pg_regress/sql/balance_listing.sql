-- Which grants and features a balance lists.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('unused', 'tokens', '{"model": "unused"}');
    perform credit_create_feature('used', 'tokens', '{"model": "used"}');
    perform credit_create_feature('granted', 'tokens', '{"model": "granted"}');
    perform credit_create_grant('acme', 'granted', 1, effective_at => '2024-01-05', metadata => '{"name": "granted"}');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-05', '{"model": "used"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', metadata => '{"name": "burned out"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', expires_at => '2024-01-03', metadata => '{"name": "expired"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', metadata => '{"name": "void"}');
    perform credit_void_grant(pg_temp.id_of('void'), '2024-01-04');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', priority => 9, rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "rolls"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-03-01', metadata => '{"name": "future"}');
    perform credit_reset('acme', '2024-02-01');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-02-01', expires_at => '2024-02-03', metadata => '{"name": "short"}');
end;
$$;
-- Only what has begun: a grant is there from its first instant on.
select feature, usage from pg_temp.totals('acme', '2024-01-01');
select name, balance from pg_temp.balances('acme', '2024-01-01');
select feature, balance, usage, overage from pg_temp.totals('acme', '2024-01-06');
select feature, name, balance from pg_temp.balances('acme', '2024-01-06');
-- After the reset: no parent, none that expired or was void before.
select feature, balance, usage, overage from pg_temp.totals('acme', '2024-02-01');
select feature, name, balance from pg_temp.balances('acme', '2024-02-01');
-- Expired since the reset.
select feature, name, balance from pg_temp.balances('acme', '2024-02-04');
select feature, name, balance from pg_temp.balances('acme', '2024-03-01');
-- What is not listed has nothing available.
select credit_available('acme', 'unused', '2024-02-04'), credit_available('acme', 'granted', '2024-01-04');
rollback;
