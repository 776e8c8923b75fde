-- Whoever takes a snapshot, and whatever is hidden from them: it sums what everybody's sums are.
\set SHOW_CONTEXT never
set timezone = 'UTC';
set credit.snapshot_interval = 1;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select name from credit_create_feature('images', 'tokens');
select subject from credit_create_ledger('acme', '{"owner": "a"}', '2024-01-01');
select subject from credit_create_ledger('umbrella', '{"owner": "b"}', '2024-01-01');
select amount from credit_create_grant('acme', 'chat', 1000, effective_at => '2024-01-01');
select amount from credit_create_grant('umbrella', 'chat', 1000, effective_at => '2024-01-01');
create role regress_credit_restricted;
select credit.allow('regress_credit_restricted', 'administer');
-- It sees one ledger, no meter and no feature.
alter table credit.ledgers enable row level security;
alter table credit.meters enable row level security;
alter table credit.features enable row level security;
create policy own on credit.ledgers to regress_credit_restricted using (metadata ->> 'owner' = 'a');

-- What there is, and what there is without any snapshot.
create function pg_temp.answers() returns setof text language sql as $$
select format('%s %s %s %s %s', subject, name, balance, usage, available) from credit_ledger_balances(at => '2100-01-01')
union all
select format('%s %s', l.subject, h::text) from credit_list_ledgers() l, credit_history(l.subject, l.measure_from, '2100-01-01') h
$$;
create function pg_temp.of(taker text) returns void language plpgsql as $$
declare
    of_ledgers text[] := array(select distinct l.subject from credit.snapshots s join credit.ledgers l on l.id = s.ledger_id order by 1);
    cached text[] := array(select pg_temp.answers());
    wrong bigint;
begin
    delete from credit.snapshots;
    wrong := (select count(*) from (select unnest(cached) except all select pg_temp.answers()) x)
        + (select count(*) from (select pg_temp.answers() except all select unnest(cached)) x);
    -- The error brings the snapshots back.
    raise exception '%: snapshots of %, wrong %, acme %, umbrella %', taker, of_ledgers, wrong, credit_available('acme', 'chat'), credit_available('umbrella', 'chat');
end;
$$;
\set VERBOSITY terse
select pg_temp.of('before');

-- Written by the restricted role: at the commit, as the restricted role.
set role regress_credit_restricted;
do $$ begin for i in 1..30 loop perform credit_ingest('acme', 'tokens', 1, '2024-01-02'::timestamptz + i * interval '1 hour'); commit; end loop; end $$;
do $$ begin for i in 1..5 loop perform credit_consume('acme', 'chat', 2); commit; end loop; end $$;
select credit_available('acme', 'chat'), credit_available('umbrella', 'chat');
select credit_available('acme', 'chat');
reset role;
select pg_temp.of('restricted writer');
-- By others, of both.
do $$ begin for i in 1..30 loop perform credit_ingest_arrays('{acme,umbrella}', '{tokens,tokens}', '{1,3}'); commit; end loop; end $$;
select pg_temp.of('unrestricted writer');
-- And the restricted role goes on from what others took.
set role regress_credit_restricted;
do $$ begin for i in 1..10 loop perform credit_ingest('acme', 'tokens', 1, '2024-01-02'); commit; end loop; end $$;
select credit_available('acme', 'chat');
reset role;
select pg_temp.of('restricted writer again');
-- credit_maintain: of the ledgers that it sees.
delete from credit.snapshots;
set role regress_credit_restricted;
select credit_maintain();
reset role;
select pg_temp.of('restricted maintainer');
delete from credit.snapshots;
select credit_maintain();
select pg_temp.of('maintainer');

-- An owner who is no superuser, and whom the policies bind: nothing is written of what is hidden
-- from the owner, and no sum is wrong.
create role regress_credit_owner;
do $$
declare name text;
begin
    alter schema credit owner to regress_credit_owner;
    for name in select oid::regclass from pg_class where relnamespace = 'credit'::regnamespace and relkind in ('r', 'S') loop
        execute format('alter table %s owner to regress_credit_owner', name);
    end loop;
    for name in select p.oid::regprocedure from pg_proc p where pronamespace = 'credit'::regnamespace loop
        execute format('alter function %s owner to regress_credit_owner', name);
    end loop;
end;
$$;
set role regress_credit_restricted;
do $$ begin for i in 1..10 loop perform credit_ingest('acme', 'tokens', 1, '2024-01-03'); commit; end loop; end $$;
select amount from credit_consume('acme', 'chat', 2);
reset role;
select pg_temp.of('an owner of its own');
alter table credit.ledgers force row level security;
set role regress_credit_restricted;
select credit_consume('acme', 'chat', 2);
\echo :LAST_ERROR_SQLSTATE
select credit_create_grant('acme', 'chat', 2);
\echo :LAST_ERROR_SQLSTATE
do $$ begin for i in 1..10 loop perform credit_ingest('acme', 'tokens', 1, '2024-01-03'); commit; end loop; end $$;
select credit_available('acme', 'chat');
reset role;
select pg_temp.of('an owner who is bound');
create policy owner on credit.ledgers to regress_credit_owner using (true);
-- The owner may seal, though policies bind it.
set role regress_credit_owner;
select credit.announce_seal('2023-12-01', 'default');
reset role;
set role regress_credit_restricted;
select amount from credit_consume('acme', 'chat', 2);
reset role;
-- Policies on the facts: they are found through their indexes, by which no policy is asked. Rows are
-- written and looked up by id as the owner.
alter table credit.usage_events enable row level security;
alter table credit.usage_events force row level security;
alter table credit.streams enable row level security;
alter table credit.streams force row level security;
alter table credit.grants enable row level security;
alter table credit.grants force row level security;
alter table credit.snapshots enable row level security;
alter table credit.snapshots force row level security;
set role regress_credit_restricted;
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_consume('acme', 'chat', 2);
\echo :LAST_ERROR_SQLSTATE
select credit_available('acme', 'chat');
reset role;
select pg_temp.of('an owner who may not write');

drop extension credit cascade;
drop function pg_temp.of, pg_temp.answers;
drop role regress_credit_restricted;
drop owned by regress_credit_owner;
drop role regress_credit_owner;
