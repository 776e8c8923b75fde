\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens', group_by => '{region,model}');
select slug from credit_create_meter('calls', group_by => '{region,model}');
select id as first
from credit_create_feature('chat', 'tokens', '{"region": "eu", "model": "large"}') \gset
select id = :'first' as same from credit_create_feature(
    'chat', 'tokens', '{"model": "large", "region": "eu"}', if_not_exists => true);
\set VERBOSITY terse
select credit_create_feature('chat', 'tokens', '{"region": "eu"}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('chat', 'tokens', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature(
    'chat', 'calls', '{"region": "eu", "model": "large"}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select id as plain from credit_create_feature('plain', 'tokens', if_not_exists => true) \gset
select id = :'plain' as same
from credit_create_feature('plain', 'tokens', '{}', if_not_exists => true);
select count(*) from credit_list_features();
rollback;
