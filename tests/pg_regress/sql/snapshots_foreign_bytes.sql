-- Snapshots that a superuser has changed: passed over where anything is out of place or range, and no
-- read goes round in circles (one whose horizon was not that of its data was looked at for ever).
\set SHOW_CONTEXT never
set timezone = 'UTC';
set statement_timeout = '10s';
select from credit_create_meter('tokens');
select from credit_create_feature('chat', 'tokens');
select from credit_create_ledger('acme', measure_from => '2024-01-01');
select from credit_create_grant('acme', 'chat', 1000, effective_at => '2024-01-01', recurs_every => '1 hour');
set credit.snapshot_interval = 1;
select count(*) filter (where credit_ingest('acme', 'tokens', 1, '2024-01-01'::timestamptz + n * interval '1 hour')) as taken
from generate_series(1, 300) as n;
set credit.snapshot_interval = 0;
select count(*), min(begins_at) > '2024-01-02' as "begins late" from credit.snapshots;

begin;
update credit.snapshots set horizon = (horizon::text::bigint - 1)::text::xid8;
select credit_available('acme', 'chat', '2024-01-01 12:00');
select credit_available('acme', 'chat', '2024-02-01');
rollback;

-- Every byte, one after the other, to each of some values: the number may be wrong, but it comes.
create function broken(byte integer) returns setof text language plpgsql as $$
declare
    size integer := (select length(data) from credit.snapshots);
    found numeric;
begin
    for place in 0 .. size - 1 loop
        begin
            update credit.snapshots set data = set_byte(data, place, byte);
            found := credit_available('acme', 'chat', '2024-01-13 12:30');
            raise exception sqlstate 'OK000';
        exception
            when sqlstate 'OK000' then null;
            when others then return next format('byte %s: %s %s', place, sqlstate, sqlerrm);
        end;
    end loop;
end;
$$;
select byte, broken(byte) from unnest('{0,1,127,128,255}'::integer[]) as byte;
select credit_available('acme', 'chat', '2024-01-13 12:30');
