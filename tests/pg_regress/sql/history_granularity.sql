-- Usage rows are cut at calendar boundaries of UTC; weeks begin on Monday.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', v, t) from (values
        (1, '2024-01-30 23:59:59.999999'::timestamptz), (2, '2024-01-31'), (4, '2024-02-01'), (8, '2024-02-04 23:59:59'),
        (16, '2024-02-05'), (32, '2024-02-05 01:00')) as e(v, t);
end;
$$;
select * from pg_temp.history('acme', '2024-01-15', '2024-02-10');
select at, name, amount, balance, period_from from pg_temp.history('acme', '2024-01-15', '2024-02-10', 'MONTH');
select at, name, amount, balance, period_from from pg_temp.history('acme', '2024-01-15', '2024-02-10', 'WEEK');
select at, name, amount, balance, period_from from pg_temp.history('acme', '2024-01-15', '2024-02-10', 'DAY');
select at, name, amount, balance, period_from from pg_temp.history('acme', '2024-02-04 12:34', '2024-02-05 01:00:00.000001', 'HOUR');
set local timezone = 'Asia/Kolkata';
select at, amount from pg_temp.history('acme', '2024-01-15 00:00+00', '2024-02-10 00:00+00', 'DAY');
rollback;
