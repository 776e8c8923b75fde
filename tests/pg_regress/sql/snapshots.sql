-- Snapshots: taken by writers at their commits, used by readers, and of no meaning.
\set SHOW_CONTEXT never
set timezone = 'UTC';
set credit.snapshot_interval = 1;
select from credit_create_meter('tokens', group_by => '{model}');
select from credit_create_feature('chat', 'tokens');
select from credit_create_feature('large', 'tokens', '{"model": "large"}');
select from credit_create_ledger('acme', measure_from => '2024-01-01');
select from credit_create_grant('acme', 'chat', 1000, effective_at => '2024-01-01', recurs_every => '1 day');
select from credit_create_grant('acme', 'large', 1000, effective_at => '2024-01-01');

-- What a read finds beyond the newest snapshot: rows fetched from the events.
create function events_read() returns bigint language sql volatile
return (select idx_tup_fetch from pg_stat_xact_user_tables where relid = 'credit.usage_events'::regclass);
create function read_at(at timestamptz, feature text default 'chat', out available numeric, out events bigint, out without numeric)
language plpgsql as $$
begin
    events := -events_read();
    available := credit_available('acme', feature, at);
    events := events + events_read();
    delete from credit.snapshots;
    without := credit_available('acme', feature, at);
end $$;
create view snapshots as
select f.name, s.begins_at, s.ends_at
from credit.snapshots s join credit.features f on f.id = s.feature_id order by s.horizon, f.name;

-- One is taken for each feature of the meter, when the transaction commits; it counts its own.
begin;
select credit_ingest('acme', 'tokens', 1, '2024-01-01 10:00', '{"model": "large"}');
select credit_ingest('acme', 'tokens', 2, '2024-01-02 10:00');
select * from snapshots;
commit;
select * from snapshots;
begin;
select * from read_at('2024-01-03');
rollback;

-- Most events are beyond the snapshot in time, some lie before its end, some long before.
set credit.snapshot_interval = 0;
select credit_ingest('acme', 'tokens', 4, '2024-01-02 12:00');
select credit_ingest('acme', 'tokens', 8, '2024-01-02 01:00');
select credit_ingest('acme', 'tokens', 16, '2024-01-01 01:00');
select count(*) from snapshots;
begin;
select * from read_at('2024-01-02 13:00');
rollback;
begin;
select * from read_at('2024-01-03');
rollback;

-- A snapshot that cannot tell is passed over: the time asked for lies inside of what it summed.
begin;
select * from read_at('2024-01-02 09:00');
rollback;

-- Grants, voids and resets that come later invalidate nothing that they do not touch.
begin;
select from credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-02', expires_at => '2024-01-04');
select * from read_at('2024-01-03');
rollback;
begin;
select from credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-02 09:59:59.999999');
commit;
begin;
select * from read_at('2024-01-03');
rollback;
select from credit_reset('acme', '2024-01-03');
begin;
select * from read_at('2024-01-03 12:00');
rollback;

-- Not in a savepoint that is rolled back, nor where the writer sees an old state.
delete from credit.snapshots;
set credit.snapshot_interval = 1;
begin;
savepoint a;
select credit_ingest('acme', 'tokens', 32, '2024-01-03 01:00');
rollback to a;
commit;
begin isolation level repeatable read;
select credit_ingest('acme', 'tokens', 32, '2024-01-03 01:00');
commit;
select * from snapshots where name = 'chat' and ends_at > '2024-01-03 01:00';

-- credit_maintain takes what is missing, but not in such a transaction, nor where nothing may be written.
begin transaction read only;
select credit_maintain();
rollback;
begin isolation level repeatable read;
select credit_maintain();
\echo :LAST_ERROR_SQLSTATE
rollback;
delete from credit.snapshots;
select credit_maintain();
select credit_maintain();
select credit_maintain('other');
select * from snapshots;
begin;
select * from read_at('2024-01-03 12:00');
rollback;

-- Nor are those of use that another cluster took, or another version, or that know the future, nor
-- copies.
begin;
update credit.snapshots set system_identifier = system_identifier + 1;
select * from read_at('2024-01-03 12:00');
rollback;
begin;
create temp table copy as select * from credit.snapshots;
delete from credit.snapshots;
insert into credit.snapshots (ledger_id, feature_id, horizon, system_identifier, format, begins_at, ends_at, taken_at, data)
select ledger_id, feature_id, horizon, system_identifier, format, begins_at, ends_at, taken_at, data from copy;
select * from read_at('2024-01-03 12:00');
rollback;
begin;
update credit.snapshots set format = format + 1;
select * from read_at('2024-01-03 12:00');
rollback;
begin;
update credit.snapshots set horizon = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8;
select * from read_at('2024-01-03 12:00');
rollback;
begin;
update credit.snapshots set data = substr(data, 1, length(data) - 1);
select * from read_at('2024-01-03 12:00');
rollback;

-- A reader needs no right to write, and no transaction that could.
begin read only;
select credit_available('acme', 'chat', '2024-01-03 12:00');
rollback;

-- Their number is bounded.
do $$
begin
    for i in 1 .. 300 loop
        perform credit_ingest('acme', 'tokens', 0.001, '2024-01-04'::timestamptz + i * interval '1 minute');
        commit;
    end loop;
end $$;
select name, count(*) < 30 as few from snapshots group by name order by name;
begin;
select * from read_at('2024-01-05');
rollback;
-- Usage that does not count is not looked at again either.
begin;
select * from read_at('2024-01-05', 'large');
rollback;
-- An old time is answered from an old snapshot, and what came later is passed over.
begin;
select available, events < 150 as few, without from read_at('2024-01-04 01:00');
rollback;
