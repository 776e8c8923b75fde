-- Tables that are no longer a heap's own: all goes on, by way of SQL where rows would be appended.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select amount from credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
commit;
create access method other type table handler heap_tableam_handler;
set client_min_messages = warning;
do $$
declare
    name text;
begin
    foreach name in array '{ledgers,features,snapshots,usage_events,spends,streams,holds}'::text[] loop
        execute format('alter table credit.%I set access method other', name);
    end loop;
end;
$$;
set credit.snapshot_interval = 1;
do $$
begin
    for n in 1..12 loop
        perform credit_consume('acme', 'chat', n);
        commit;
    end loop;
end;
$$;
select credit_reserve('acme', 'chat', 5) is not null as reserved;
select credit_available('acme', 'chat'), count(*) between 1 and 11 as are_removed from credit.snapshots;
select * from credit_check('acme');
