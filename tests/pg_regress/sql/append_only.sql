-- Facts are never changed or removed, whoever tries.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
update credit.meters set slug = 'others';
\echo :LAST_ERROR_SQLSTATE
delete from credit.meters;
truncate credit.meters;
-- Not even where there is no row to change.
update credit.features set name = 'x';
delete from credit.features;
truncate credit.features;
update credit.ledgers set subject = 'x';
delete from credit.ledgers;
truncate credit.ledgers;
update credit.grants set amount = 1;
delete from credit.grants;
truncate credit.grants;
update credit.grant_voids set voided_at = now();
delete from credit.grant_voids;
truncate credit.grant_voids;
update credit.resets set effective_at = now();
delete from credit.resets;
truncate credit.resets;
update credit.streams set subject = 'x';
delete from credit.streams;
truncate credit.streams;
update credit.dimension_sets set dimensions = '{}';
delete from credit.dimension_sets;
truncate credit.dimension_sets;
update credit.usage_events set value = 1;
delete from credit.usage_events;
truncate credit.usage_events;
update credit.idempotency_keys set key = 'x';
delete from credit.idempotency_keys;
truncate credit.idempotency_keys;
update credit.spends set amount = 1;
delete from credit.spends;
truncate credit.spends;
update credit.holds set amount = 1;
delete from credit.holds;
truncate credit.holds;
update credit.hold_ends set settled = 1;
delete from credit.hold_ends;
truncate credit.hold_ends;
update credit.hold_lists set open_ones = '{}';
delete from credit.hold_lists;
truncate credit.hold_lists;
select slug from credit_list_meters();
rollback;
