-- What is rolled back to a savepoint has not happened.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": "m"}', 'k');
end;
$$;
select pg_temp.facts() as facts, credit_balance('acme', '2024-03-01') as balance \gset
savepoint one;
select credit_ingest('acme', 'tokens', 2, '2024-01-02', '{"model": "n"}', 'l');
select credit_ingest('new', 'tokens', 2, '2024-01-02');
select amount from credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-03', idempotency_key => 'g');
select jsonb_path_query_array(credit_reset('acme', '2024-02-01', idempotency_key => 'r'), '$.grants[*].amount') as children;
select credit_available('acme', 'chat', '2024-03-01');
rollback to one;
select pg_temp.facts() = :'facts' as unchanged, credit_balance('acme', '2024-03-01') = :'balance' as same;
-- The keys are free again, for other content even.
select credit_ingest('acme', 'tokens', 3, '2024-01-02', '{"model": "n"}', 'l');
select amount from credit_create_grant('acme', 'chat', 6, effective_at => '2024-01-03', idempotency_key => 'g');
select jsonb_path_query_array(credit_reset('acme', '2024-02-02', idempotency_key => 'r'), '$.grants[*].amount') as children;
select credit_available('acme', 'chat', '2024-03-01');
release one;
-- An exception block is one, too.
do $$
begin
    begin
        perform credit_ingest('acme', 'tokens', 100, '2024-02-03', '{"region": "eu"}', 'm');
        raise exception 'no';
    exception when raise_exception then
        raise notice 'available %', credit_available('acme', 'chat', '2024-03-01');
    end;
    perform credit_ingest('acme', 'tokens', 1, '2024-02-03', '{"region": "eu"}', 'm');
    raise notice 'available %', credit_available('acme', 'chat', '2024-03-01');
end;
$$;
rollback;
