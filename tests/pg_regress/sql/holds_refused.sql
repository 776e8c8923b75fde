-- What cannot be held or settled is refused, and changes nothing.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01');
    perform credit_create_meter('calls', 'COUNT');
    perform credit_create_feature('calls', 'calls');
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
end;
$$;
select credit_reserve('acme', 'calls', 1, overdraft => 1) as call \gset
select credit_reserve('acme', 'chat', 1) as hold \gset
select pg_temp.facts() as facts \gset
select credit_reserve('acme', 'chat', 9.5);
select credit_reserve('acme', 'chat', 0);
select credit_reserve('acme', 'chat', -1);
select credit_reserve('acme', 'chat', 1, '0');
select credit_reserve('acme', 'chat', 1, '-1 hour');
select credit_reserve('acme', 'chat', 1, '-1 month');
select credit_reserve('acme', 'chat', 1, '9000 years');
select credit_reserve('acme', 'chat', 1, '150000000 years');
select credit_reserve('acme', 'calls', 2, overdraft => 2);
select credit_reserve('acme', 'large', 1, dimensions => '{"model": "small"}');
select credit_reserve('acme', 'nothing', 1);
select credit_reserve('nobody', 'chat', 1);
select credit_settle(:'hold', -1);
select credit_settle(:'hold', 'NaN');
select credit_settle(:'hold', 1, overdraft => -1);
select credit_settle(:'hold', 1, metadata => '[]');
select credit_settle(:'call', 3, overdraft => 5);
select credit_settle(:'call', 0.5);
select credit_settle(:'call', 1.5, overdraft => 5);
select credit_settle('00000000-0000-7000-8000-000000000000', 1);
\echo :LAST_ERROR_SQLSTATE
select credit_release('00000000-0000-7000-8000-000000000000');
select credit_settle('00000000-0000-7000-8000-000000000000', 1, namespace => 'other');
select credit_list_holds('nobody');
select credit_list_holds('acme', 'nothing');
select credit_list_holds('acme', row_limit => -1);
select pg_temp.facts() = :'facts' as "nothing changed";
-- One event on a COUNT meter, or none; a second one now.
select amount, available from credit_settle(:'call', 2, overdraft => 2);
select value from credit.usage_events order by occurred_at;
rollback;
