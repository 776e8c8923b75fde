-- The same as rows.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_grant('acme', 'chat', 10, 3, '2024-01-01', expires_at => '2024-03-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'large', 5.5, effective_at => '2024-01-01', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 7, '2024-01-02', '{"model": "large"}');
    perform credit_reset('acme', '2024-02-01', true);
end;
$$;
select f.id = b.feature_id as id, b.name, b.balance, b.usage, b.overage, b.available
from credit_feature_balances('acme', '2024-01-31') as b join credit_get_feature(b.name) as f on true;
select pg_temp.name_of(grant_id), parent_id, f.id = feature_id as feature_id, feature, amount, priority, effective_at, expires_at, balance
from credit_grant_balances('acme', '2024-01-31') as b join credit_get_feature(b.feature) as f on true;
select name, balance, usage, overage, available from credit_feature_balances('acme', '2024-02-01');
select pg_temp.name_of(grant_id), pg_temp.name_of(parent_id) as parent, feature, amount, priority, effective_at, expires_at, balance
from credit_grant_balances('acme', '2024-02-01');
-- By id too, and beside other tables.
select l.subject, b.name, b.balance
from credit_get_ledger('acme') as l, credit_feature_balances(l.id::text, '2024-01-31') as b;
-- Rows and document say the same.
select jsonb_agg(jsonb_build_array(name, balance, usage, overage, available))
    = (select jsonb_agg(jsonb_build_array(f -> 'name', f -> 'balance', f -> 'usage', f -> 'overage', f -> 'available'))
       from jsonb_array_elements(credit_balance('acme', '2024-01-31') -> 'featureBalances') f) as same
from credit_feature_balances('acme', '2024-01-31');
rollback;
