-- Every row says which transaction wrote it, and nobody can say otherwise.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select xid = pg_current_xact_id() as mine from credit.meters;
insert into credit.streams (id, meter_id, subject, xid)
select 1, id, 'acme', '1' from credit.meters;
\echo :LAST_ERROR_SQLSTATE
savepoint inner_transaction;
insert into credit.streams (id, meter_id, subject) select 1, id, 'acme' from credit.meters;
release inner_transaction;
select xid = pg_current_xact_id() as mine from credit.streams;
-- A plan that is kept does not keep the stamp.
prepare write_stream(bigint) as
insert into credit.streams (id, meter_id, subject) values ($1, gen_random_uuid(), 'acme');
set plan_cache_mode = force_generic_plan;
execute write_stream(2);
select xid = pg_current_xact_id() as mine from credit.streams where id = 2;
rollback;
begin;
execute write_stream(2);
select xid = pg_current_xact_id() as mine from credit.streams where id = 2;
rollback;
-- COPY sets it as well.
begin;
copy credit.streams (id, meter_id, subject) from stdin;
3	00000000-0000-0000-0000-000000000001	acme
\.
select xid = pg_current_xact_id() as mine from credit.streams where id = 3;
rollback;
-- Archiving a feature leaves the stamp of its creation.
select slug from credit_create_meter('tokens');
select name from credit_create_feature('gpt', 'tokens');
begin;
select name, xid < pg_current_xact_id() as older from credit_delete_feature('gpt');
rollback;
