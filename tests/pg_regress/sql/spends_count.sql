-- On a COUNT meter a spend is one event, or takes one back, and none is taken in part.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_meter('calls', 'COUNT');
    perform credit_create_feature('calls', 'calls');
    perform credit_create_grant('acme', 'calls', 1.5, effective_at => '2024-01-01');
end;
$$;
select amount, available from credit_consume('acme', 'calls', 1);
select allowed, amount, available from credit_try_consume('acme', 'calls', 1, partial => true);
select amount, available from credit_consume('acme', 'calls', -1);
select amount, available from credit_consume('acme', 'calls', 1.0);
select sum(value) from credit.usage_events;
rollback;
