-- A child made with a period lasts one from its reset; another one ends when its parent would have.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', n, effective_at => '2024-01-31', expires_after => p, rollover_type => 'REMAINING_AMOUNT', metadata => jsonb_build_object('name', nm))
    from (values (1, 'hours', interval '2000 hours'), (2, 'days', '45 days'), (3, 'weeks', '7 weeks'), (4, 'months', '2 months'), (5, 'years', '1 year')) as v(n, nm, p);
    perform credit_create_grant('acme', 'chat', 6, effective_at => '2024-01-31', expires_at => '2024-03-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "time"}');
    perform credit_create_grant('acme', 'chat', 7, effective_at => '2024-01-31', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "never"}');
    perform credit_reset('acme', '2024-02-29');
end;
$$;
select name, amount, expires_at from pg_temp.balances('acme', '2024-02-29') order by amount;
-- At its end the child is gone, and a reset at that instant finds nothing.
select jsonb_path_query_array(credit_reset('acme', '2024-03-01'), '$.grants[*].amount') as children;
select name, amount, expires_at from pg_temp.balances('acme', '2024-03-01') order by amount;
rollback;
