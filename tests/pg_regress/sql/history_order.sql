-- The order of what happens at one instant.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('aux', 'tokens', '{"model": "aux"}');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', expires_at => '2024-02-01', metadata => '{"name": "expires"}');
    perform credit_create_grant('acme', 'chat', 20, effective_at => '2024-01-01', metadata => '{"name": "void"}');
    perform credit_create_grant('acme', 'chat', 30, effective_at => '2024-01-01', priority => 3, rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 25, metadata => '{"name": "rolls"}');
    perform credit_create_grant('acme', 'chat', 40, effective_at => '2024-01-01', priority => 4, metadata => '{"name": "forfeited"}');
    perform credit_create_grant('acme', 'chat', 50, effective_at => '2024-01-01', priority => 5, recurs_every => '1 month', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "refilled"}');
    perform credit_create_grant('acme', 'chat', 60, effective_at => '2024-02-01', priority => 0, metadata => '{"name": "begins"}');
    perform credit_create_grant('acme', 'chat', -70, effective_at => '2024-02-01', metadata => '{"name": "debit"}');
    perform credit_create_grant('acme', 'aux', 5, effective_at => '2024-02-01', metadata => '{"name": "aux"}');
    perform credit_void_grant(pg_temp.id_of('void'), '2024-02-01');
    perform credit_ingest('acme', 'tokens', 4, '2024-01-15');
    perform credit_ingest('acme', 'tokens', 9, '2024-01-15', '{"model": "aux"}');
    perform credit_reset('acme', '2024-02-01');
end;
$$;
select type, n.name, amount, balance, overage, owed, f.name as feature, reset_id is not null as by_reset
from credit_history('acme', '2024-01-31', '2024-02-02') as h
left join credit.features as f on f.id = h.feature_id, lateral (select pg_temp.name_of(grant_id), balance_after, overage_after) as n(name, balance, owed);
rollback;
