-- Features of one meter each with their own grants; a reset and a void touch what they should.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('a', 'tokens', '{"model": "a"}');
    perform credit_create_feature('b', 'tokens', '{"model": "b"}');
    perform credit_create_grant('acme', 'a', 10, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'b', 20, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "B"}');
    perform credit_ingest('acme', 'tokens', 4, '2024-01-02', '{"model": "a"}');
    perform credit_ingest('acme', 'tokens', 5, '2024-01-02', '{"model": "b"}');
end;
$$;
select feature, balance, usage, overage from pg_temp.totals('acme', '2024-01-03');
select credit_reset('acme', '2024-02-01') -> 'grants' as children \gset
select pg_temp.name_of((g ->> 'id')::uuid), g -> 'amount' as amount from jsonb_array_elements(:'children') as g;
select feature, name, balance from pg_temp.balances('acme', '2024-02-01');
select h.at, h.type, h.name, h.amount, h.balance from pg_temp.history('acme', '2024-01-01', '2024-02-02') as h;
rollback;
