-- ORIGINAL_AMOUNT: what was left rolls, what is missing is granted, what is above the cap is forfeited.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger(s, measure_from => '2024-01-01') from unnest('{less,more,owed}'::text[]) as s;
    perform credit_create_grant(s, 'chat', 100, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 50, metadata => '{"name": "A"}')
    from unnest('{less,more,owed}'::text[]) as s;
    perform credit_ingest('less', 'tokens', 80, '2024-01-10');
    perform credit_ingest('more', 'tokens', 20, '2024-01-10');
    perform credit_ingest('owed', 'tokens', 130, '2024-01-10');
    perform credit_reset('less', '2024-02-01');
    perform credit_reset('more', '2024-02-01');
    perform credit_reset('owed', '2024-02-01', preserve_overage => true);
end;
$$;
select type, name, amount, balance, overage, owed from pg_temp.history('less', '2024-02-01', '2024-02-02');
select type, name, amount, balance, overage, owed from pg_temp.history('more', '2024-02-01', '2024-02-02');
-- What is owed and kept is paid by the child at once.
select type, name, amount, balance, overage, owed from pg_temp.history('owed', '2024-02-01', '2024-02-02');
select s, name, amount, balance from unnest('{less,more,owed}'::text[]) as s, pg_temp.balances(s, '2024-02-01');
-- The child of a child has the child's amount, up to the cap.
select jsonb_path_query_array(credit_reset('less', '2024-03-01'), '$.grants[*].amount') as grandchildren;
rollback;
