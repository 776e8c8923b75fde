-- Archiving a feature opens its table for itself only.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('gpt', 'tokens');
select name from credit_delete_feature('gpt');
update credit.features set archived_at = null;
\echo :LAST_ERROR_SQLSTATE
delete from credit.features;
select name, archived_at is not null as archived from credit_list_features(include_archived => true);
rollback;
