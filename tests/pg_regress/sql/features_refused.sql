\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens', group_by => '{region,model}');
select slug from credit_create_meter('plain');
select id as existing from credit_create_feature('chat', 'tokens') \gset
select credit_create_feature(null, 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('', 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature(repeat('x', 256), 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', null);
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'nothing');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', '["region"]');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', 'null');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', '{"region": 1}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', '{"region": {"is": "eu"}}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', '{"user": "x", "region": "eu", "city": "y"}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'plain', '{"region": "eu"}');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('f', 'tokens', if_not_exists => null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_feature(null);
\echo :LAST_ERROR_SQLSTATE
select credit_get_feature('');
\echo :LAST_ERROR_SQLSTATE
select credit_get_feature('00000000-0000-0000-0000-000000000000');
\echo :LAST_ERROR_SQLSTATE
select credit_delete_feature('nothing');
\echo :LAST_ERROR_SQLSTATE
select credit_list_features(include_archived => null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_features(order_by => 'meter_slug; drop table t');
\echo :LAST_ERROR_SQLSTATE
select credit_list_features(order_by => null);
\echo :LAST_ERROR_SQLSTATE
select credit_list_features(row_limit => -1);
\echo :LAST_ERROR_SQLSTATE
-- A name that is the id of a feature would hide that feature.
\set VERBOSITY terse
select credit_create_feature(:'existing', 'tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature(upper(:'existing'), 'tokens');
\echo :LAST_ERROR_SQLSTATE
select name from credit_create_feature('00000000-0000-0000-0000-000000000000', 'tokens');
rollback;
