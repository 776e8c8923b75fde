-- The usage of a spend carries what its feature filters by, and burns every feature that it matches.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_feature('large-eu', 'tokens', '{"model": "large", "region": "eu"}');
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-01');
    perform credit_create_grant('acme', 'large', 100, effective_at => '2024-01-01');
    perform credit_create_grant('acme', 'large-eu', 100, effective_at => '2024-01-01');
end;
$$;
-- Only the feature named is checked.
select amount, available from credit_consume('acme', 'large', 7);
select feature, balance, usage, overage, available from pg_temp.totals('acme');
select amount, available from credit_consume('acme', 'large', 1, dimensions => '{"region": "eu"}');
select amount, available from credit_consume('acme', 'large-eu', 2, dimensions => '{"region": "eu", "model": "large"}');
select amount, available from credit_consume('acme', 'chat', -1, dimensions => '{"model": "small"}');
select feature, balance, usage, overage, available from pg_temp.totals('acme');
select s.amount, d.dimensions from credit.spends as s left join credit.dimension_sets as d on d.id = s.dims_id order by s.created_at;
select e.value, d.dimensions from credit.usage_events as e left join credit.dimension_sets as d on d.id = e.dims_id order by e.occurred_at;
select credit_consume('acme', 'large', 1, dimensions => '{"model": "small"}');
rollback;
