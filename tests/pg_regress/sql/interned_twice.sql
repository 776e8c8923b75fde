-- Two ids for one subject and meter, or one set of dimensions, are legal: readers sum over all.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_ingest('acme', 'tokens', 1, '2024-01-02', '{"model": "large"}');
    perform credit_ingest('acme', 'tokens', 10, '2024-01-02');
end;
$$;
-- As another session would have written them that met both first.
insert into credit.streams (id, meter_id, subject) select id + 1, meter_id, subject from credit.streams;
insert into credit.dimension_sets (id, meter_id, dimensions) select id + 1, meter_id, dimensions from credit.dimension_sets;
insert into credit.usage_events (stream_id, occurred_at, dims_id, value)
select stream_id + 1, occurred_at, dims_id + 1, value * 2 from credit.usage_events;
select feature, usage from pg_temp.totals('acme', '2024-01-03');
select credit_ingest('acme', 'tokens', 100, '2024-01-02', '{"model": "large"}');
select feature, usage from pg_temp.totals('acme', '2024-01-03');
select count(*) from credit.streams;
-- Another subject in the same range of ids is another one.
insert into credit.streams (id, meter_id, subject) select max(id) + 1, (array_agg(meter_id))[1], 'Acme' from credit.streams;
insert into credit.usage_events (stream_id, occurred_at, value) select max(id), '2024-01-02', 1000 from credit.streams;
select feature, usage from pg_temp.totals('acme', '2024-01-03');
rollback;
