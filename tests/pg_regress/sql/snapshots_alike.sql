-- Features of one meter that filter alike and have no grant share their snapshots.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select count(*) as versions from (
    select credit_delete_feature(f.id::text) from (
        select (credit_create_feature('old-' || n, 'tokens')).id from generate_series(1, 20) as n
    ) as f
) as archived;
select name from unnest('{next,eu,eu too}'::text[]) as n, credit_create_feature(n, 'tokens', case when n like 'eu%' then '{"region": "eu"}'::jsonb end);
commit;
set credit.snapshot_interval = 1;
select credit_ingest('acme', 'tokens', 10, '2024-01-10');
select credit_ingest('acme', 'tokens', 7, '2024-01-20', '{"region": "eu"}');
create view pg_temp.kept as
select (select string_agg(f.name, ', ' order by f.name) from credit.features as f where f.id = s.feature_id) as feature,
    (select string_agg(distinct coalesce(f.meter_group_by_filters, '{}')::text, ', ')
     from credit.features as f join credit.meters as m on m.slug = f.meter_slug
     where credit.usage_id(m.id, f.meter_group_by_filters) = s.feature_id) as filters,
    count(*)
from credit.snapshots as s group by s.feature_id order by 1, 2;
select * from pg_temp.kept;
select feature, snapshots, tail_events from credit.stat_snapshots where feature !~ '^old' order by 1;
select count(*) as archived, min(snapshots) as snapshots, max(tail_events) as tail_events from credit.stat_snapshots where feature ~ '^old';
select name, usage, overage from credit_feature_balances('acme') where name !~ '^old' order by 1;
-- What is known of one without a grant is known of it after its first, which reads no event again.
create function pg_temp.fetched() returns bigint language sql volatile
return (select coalesce(sum(idx_tup_fetch), 0)::bigint from pg_stat_xact_user_tables where relid = 'credit.usage_events'::regclass);
begin;
select amount from credit_create_grant('acme', 'next', 100);
select pg_temp.fetched() as before \gset
select credit_available('acme', 'next');
select pg_temp.fetched() - :before as events_read;
rollback;
-- The first grant of one: what was known goes on, though from now on it is kept apart.
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-05', rollover_type => 'REMAINING_AMOUNT');
select snapshots, tail_events from credit.stat_snapshots where feature = 'chat';
select credit_available('acme', 'chat');
select credit_ingest('acme', 'tokens', 3, '2024-02-01');
select * from pg_temp.kept;
select feature, snapshots, tail_events from credit.stat_snapshots where feature !~ '^old' order by 1;
-- What the others go on to take knows nothing of the grant; the feature must not go on from it.
select credit_ingest('acme', 'tokens', 2, '2024-02-02');
delete from credit.snapshots where feature_id in (select id from credit.features where name = 'chat');
select credit_available('acme', 'chat');
select * from credit_check('acme');
select credit_reset('acme', '2024-03-01') is not null as reset;
select credit_ingest('acme', 'tokens', 1, '2024-03-02', '{"region": "eu"}');
select name, balance, usage, overage from credit_feature_balances('acme') where name !~ '^old' order by 1;
select * from credit_check('acme');
create temporary table told as select * from credit_feature_balances('acme');
delete from credit.snapshots;
select * from credit_feature_balances('acme') except table told;
-- Where they begin long after the grant they would lead to another balance.
do $$
begin
    for day in 1..140 loop
        perform credit_ingest('acme', 'tokens', 0.1, timestamptz '2024-03-03' + day * interval '1 day');
        perform credit_reset('acme', timestamptz '2024-03-03 12:00' + day * interval '1 day');
        commit;
    end loop;
end;
$$;
select feature_id = (select id from credit.features where name = 'chat') as of_chat, max(begins_at) > '2024-03-03' as begin_late
from credit.snapshots group by 1 order by 1;
delete from credit.snapshots where feature_id in (select id from credit.features where name = 'chat');
select credit_available('acme', 'chat');
select * from credit_check('acme');
-- Usage that lies before all that the shared ones tell: after its first grant, too, older ones are looked for, or none is used.
select amount from credit_create_grant('acme', 'eu too', 50, effective_at => '2024-07-22');
set credit.snapshot_interval = 0;
set statement_timeout = '20s';
select credit_ingest('acme', 'tokens', 2, '2024-03-10', '{"region": "eu"}');
select credit_available('acme', 'eu too'), credit_available('acme', 'eu too', '2024-03-10 01:00');
select * from credit_check('acme');
reset statement_timeout;
set credit.snapshot_interval = 1;
-- credit_maintain takes one of each as well.
delete from credit.snapshots;
select credit_maintain();
select * from pg_temp.kept;
-- Of the usage of a ledger that came after all but one of those that count it were archived.
set credit.snapshot_interval = 0;
select subject from credit_create_ledger('late');
select credit_ingest('late', 'tokens', 1);
delete from credit.snapshots;
set credit.snapshot_interval = 1;
select credit_maintain() > 0 as taken;
select feature, snapshots, tail_events from credit.stat_snapshots where subject = 'late' and feature = 'next';
-- The identity of usage.
select credit.usage_id(id, null) = credit.usage_id(id, '{}') as same, credit.usage_id(id, '{"a": "b"}') = credit.usage_id(id, '{"a": "c"}') as other, credit.usage_id(null, '{}')
from credit.meters;
select credit.usage_id(id, '[]') from credit.meters;
\echo :LAST_ERROR_SQLSTATE
-- Of those that are there when a ledger is sealed, and those that come later and had nothing before, each has its own.
select credit_ingest('acme', 'tokens', 4, '2024-07-25');
call credit_retire('2024-08-01', delete_events => false);
select name from credit_create_feature('newest', 'tokens');
select credit_ingest('acme', 'tokens', 5, '2024-08-10');
select name, usage, overage from credit_feature_balances('acme') where name in ('next', 'newest') order by 1;
select feature, snapshots, tail_events from credit.stat_snapshots where subject = 'acme' and feature in ('next', 'newest') order by 1;
select amount from credit_create_grant('acme', 'newest', 100, effective_at => '2024-08-05');
select credit_available('acme', 'newest'), credit_available('acme', 'next');
select * from credit_check('acme');
