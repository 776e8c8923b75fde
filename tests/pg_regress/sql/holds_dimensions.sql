-- A hold takes of every feature that its usage will match, and is checked against its own only.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_feature('small', 'tokens', '{"model": "small"}');
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-01');
    perform credit_create_grant('acme', 'large', 100, effective_at => '2024-01-01');
    perform credit_create_grant('acme', 'small', 100, effective_at => '2024-01-01');
end;
$$;
select credit_reserve('acme', 'large', 7, dimensions => '{"region": "eu"}') as hold \gset
select name, balance, overage, held, available from credit_feature_balances('acme');
select dimensions from credit_list_holds('acme', 'large');
select count(*) from credit_list_holds('acme', 'chat');
select amount, available from credit_settle(:'hold', 6);
select name, balance, overage, held, available from credit_feature_balances('acme');
select e.value, d.dimensions from credit.usage_events as e join credit.dimension_sets as d on d.id = e.dims_id;
rollback;
