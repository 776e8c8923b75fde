-- Who may retire: it takes EXECUTE, and that no policy binds the caller. All ledgers of the namespace are sealed.
\set SHOW_CONTEXT never
\set VERBOSITY terse
set client_min_messages = warning;
drop role if exists regress_credit_retirer;
reset client_min_messages;
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger(s, measure_from => '2024-01-01Z') from unnest('{acme,umbrella}'::text[]) s;
    perform credit_ingest(s, 'tokens', 30, '2024-01-10Z') from unnest('{acme,umbrella,nobody}'::text[]) s;
end;
$$;
create role regress_credit_retirer;
alter table credit.ledgers enable row level security;
create policy one on credit.ledgers for select to regress_credit_retirer using (subject = 'acme');
set role regress_credit_retirer;
call credit_retire('2024-02-01Z');
reset role;
grant usage on schema credit to regress_credit_retirer;
grant select on credit.ledgers to regress_credit_retirer;
grant execute on procedure credit_retire to regress_credit_retirer;
set role regress_credit_retirer;
call credit_retire('2024-02-01Z');
reset role;
grant execute on function credit.announce_seal, credit.close_seal, credit.seal_ledgers, credit.complete_seal, credit.delete_sealed_events to regress_credit_retirer;
-- Who may see some ledgers seals none, nor does a step of its own.
set role regress_credit_retirer;
\set VERBOSITY default
call credit_retire('2024-02-01Z');
\set VERBOSITY terse
set row_security = off;
select credit.announce_seal('2024-02-01Z', 'default');
reset row_security;
select credit.announce_seal('2024-02-01Z', 'default');
select credit.close_seal('2024-02-01Z', 'default');
select * from credit.seal_ledgers('2024-02-01Z', '', 10, 'default');
select credit.complete_seal('2024-02-01Z', 'default');
select credit.delete_sealed_events('2024-02-01Z', 0, 10, 'default');
reset role;
select count(*) from credit.seals;
alter role regress_credit_retirer bypassrls;
set role regress_credit_retirer;
call credit_retire('2024-02-01Z');
-- It may do no more.
delete from credit.usage_events;
select * from credit.checkpoints;
reset role;
select count(*) from credit.checkpoints;
-- Nobody changes by hand what is kept.
delete from credit.checkpoints;
update credit.seals set sealed_at = '2023-01-01Z';
truncate credit.seals;
-- Nor does anybody's search path, nor a checkpoint that is not one.
create schema evil;
create function evil.never(timestamptz, timestamptz) returns boolean language sql as 'select false';
create function evil.never(bigint, bigint) returns boolean language sql as 'select false';
create operator evil.< (function = evil.never, leftarg = timestamptz, rightarg = timestamptz);
create operator evil.< (function = evil.never, leftarg = bigint, rightarg = bigint);
create table evil.ledgers (id int);
create domain evil.text as int;
select credit_ingest('acme', 'tokens', 1, '2024-02-10Z');
set search_path = evil, pg_catalog, public;
call credit_retire('2024-03-01Z');
reset search_path;
select count(*) from credit.usage_events;
begin;
insert into credit.checkpoints (ledger_id, sealed_at, state, created_at) select id, '2024-03-02Z', '{"version": 2, "features": {}}', now() from credit.ledgers;
\set VERBOSITY default
select credit_available('acme', 'chat', '2024-04-01Z');
rollback;
select credit_available('acme', 'chat', '2024-04-01Z');
drop policy one on credit.ledgers;
drop owned by regress_credit_retirer;
drop role regress_credit_retirer;
