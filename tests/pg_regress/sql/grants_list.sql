-- The grants of ledgers: by time, by void, in pages, in the order in which they were made.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger('globex', measure_from => '2024-01-01');
    perform credit_create_ledger('empty', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-03', metadata => '{"name": "A"}');
    perform credit_create_grant('globex', 'chat', 2, effective_at => '2024-01-02', metadata => '{"name": "B"}');
    perform credit_create_grant('acme', 'chat', 3, effective_at => '2024-01-01', expires_at => '2024-01-10', metadata => '{"name": "C"}');
    perform credit_create_grant('acme', 'chat', 4, effective_at => '2024-01-20', metadata => '{"name": "D"}');
    perform credit_create_grant('acme', 'chat', -5, effective_at => '2024-01-05', metadata => '{"name": "debit"}');
    perform credit_void_grant(pg_temp.id_of('D'), '2024-01-25');
end;
$$;
create function pg_temp.names(setof_grants credit.grant_row[]) returns text language sql stable as $$
select string_agg(pg_temp.name_of(g.id), ' ' order by nr) from unnest(setof_grants) with ordinality as g(id, ledger_id,
    feature_id, parent_id, reset_id, amount, priority, effective_at, expires_at, expires_after, rollover_type,
    rollover_max_amount, recurs_every, recurrence_anchor, metadata, voided_at, created_at, updated_at, nr)
$$;
select pg_temp.names(array(select credit_list_grants())) as all_ledgers;
select pg_temp.names(array(select credit_list_grants('{acme}'))) as acme;
select pg_temp.names(array(select credit_list_grants('{globex,acme,globex}'))) as both;
select pg_temp.names(array(select credit_list_grants(array[l.id::text]))) as by_id from credit_get_ledger('globex') as l;
select pg_temp.names(array(select credit_list_grants('{empty}'))) as empty;
select pg_temp.names(array(select credit_list_grants('{}'))) as none;
select pg_temp.names(array(select credit_list_grants(include_void => true))) as void_too;
-- Of a window: from_time is in it, to_time is not; a grant's end neither.
select pg_temp.names(array(select credit_list_grants(from_time => '2024-01-10', include_void => true))) as from_the_10th;
select pg_temp.names(array(select credit_list_grants(from_time => '2024-01-09', include_void => true))) as from_the_9th;
select pg_temp.names(array(select credit_list_grants(to_time => '2024-01-03'))) as to_the_3rd;
select pg_temp.names(array(select credit_list_grants(to_time => '2024-01-02'))) as to_the_2nd;
select pg_temp.names(array(select credit_list_grants(from_time => '2024-01-25', include_void => true))) as from_the_25th;
-- Pages.
select pg_temp.names(array(select credit_list_grants(row_limit => 2))) as first_two;
select pg_temp.names(array(select credit_list_grants(row_limit => 2, row_offset => 2))) as next_two;
select pg_temp.names(array(select credit_list_grants(row_offset => 3))) as rest;
select pg_temp.names(array(select credit_list_grants(row_limit => 0))) as nothing;
-- From the watermark of each ledger on.
select credit_reset('acme', '2024-02-01') -> 'grants' as children;
select pg_temp.names(array(select credit_list_grants(from_high_watermark => true))) as from_watermark;
select pg_temp.names(array(select credit_list_grants())) as all_ledgers;
rollback;
