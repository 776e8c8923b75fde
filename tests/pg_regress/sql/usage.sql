-- The usage of a feature, whatever paid for it, in calendar periods of UTC.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-10', recurs_every => '1 day', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', v, t) from (values
        (1, '2024-01-30 23:59:59.999999'::timestamptz), (2, '2024-01-31'), (4, '2024-02-01'), (8, '2024-02-04 23:59:59'),
        (16, '2024-02-05'), (32, '2024-02-05 01:00')) as e(v, t);
    perform credit_ingest('acme', 'tokens', -3, '2024-02-06', '{"model": "large"}');
end;
$$;
select * from credit_usage('acme', 'chat', to_time => '2024-02-10');
select * from credit_usage('acme', 'large', to_time => '2024-02-10');
select * from credit_usage('acme', 'chat', '2024-01-31', '2024-02-05');
select * from credit_usage('acme', 'chat', '2024-01-15', '2024-02-10', 'MONTH');
select * from credit_usage('acme', 'chat', '2024-01-29', '2024-02-12', 'WEEK');
select * from credit_usage('acme', 'chat', '2024-01-29 06:00', '2024-02-07', 'DAY');
select count(*), sum(usage), min(lower(period)), max(upper(period)) from credit_usage('acme', 'chat', '2024-01-30 23:30', '2024-02-05 01:30', 'HOUR');
select * from credit_usage('acme', 'chat', '2024-02-05', '2024-02-05');
-- A reset leaves it alone, but the default begins there.
select credit_reset('acme', '2024-02-05') -> 'replayed' as replayed;
select * from credit_usage('acme', 'chat', to_time => '2024-02-10');
select * from credit_usage('acme', 'chat', '2024-02-01', '2024-02-10', 'WEEK');
-- A feature that the ledger never had.
select name from credit_create_feature('other', 'tokens', '{"region": "eu"}');
select * from credit_usage('acme', 'other', to_time => '2024-02-10');
rollback;
