\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug from credit_create_meter('tokens');
select id as first from credit_create_feature('chat', 'tokens') \gset
select id as second from credit_create_feature('images', 'tokens') \gset
select id = :'first' as same, archived_at is not null as archived, updated_at = archived_at as updated,
    updated_at >= created_at as later
from credit_delete_feature('chat');
-- It is found by its id only.
\set VERBOSITY terse
select credit_get_feature('chat');
\echo :LAST_ERROR_SQLSTATE
select credit_delete_feature('chat');
\echo :LAST_ERROR_SQLSTATE
select name from credit_get_feature(:'first');
-- A second time changes nothing.
select archived_at as archived from credit_get_feature(:'first') \gset
select archived_at = :'archived' as same from credit_delete_feature(:'first');
-- The name is free, and an archived one of the same name is in nobody's way.
select id <> :'first' as another from credit_create_feature('chat', 'tokens', if_not_exists => true);
select name, archived_at is not null as archived from credit_list_features(include_archived => true);
select name from credit_list_features();
select name, archived_at is not null as archived
from credit_list_features(include_archived => true, order_by => 'updated_at');
-- By id.
select name from credit_delete_feature(:'second');
select name from credit_list_features();
rollback;
