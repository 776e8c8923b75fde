-- A namespace sees nothing of another.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select slug, namespace from credit_create_meter('tokens');
select name, namespace from credit_create_feature('chat', 'tokens');
select subject, namespace from credit_create_ledger('acme');
select id as ledger from credit_get_ledger('acme') \gset
select id as feature from credit_get_feature('chat') \gset

set local credit.namespace = 'tenant b';
select count(*) from credit_list_meters();
select count(*) from credit_list_features(include_archived => true);
select count(*) from credit_list_ledgers();
select credit_get_meter('tokens');
\echo :LAST_ERROR_SQLSTATE
select credit_get_feature('chat');
\echo :LAST_ERROR_SQLSTATE
select credit_get_ledger('acme');
\echo :LAST_ERROR_SQLSTATE
select credit_create_feature('chat', 'tokens');
\echo :LAST_ERROR_SQLSTATE
-- Ids are no way around it.
\set VERBOSITY sqlstate
select credit_get_ledger(:'ledger');
select credit_get_feature(:'feature');
select credit_delete_feature(:'feature');
-- The same names are free here.
select slug, namespace from credit_create_meter('tokens');
select name, namespace from credit_create_feature('chat', 'tokens');
select subject, namespace from credit_create_ledger('acme');
-- The argument goes before the setting.
select slug, namespace from credit_get_meter('tokens', namespace => 'default');
select name, namespace from credit_get_feature('chat', namespace => 'default');
select subject, namespace from credit_get_ledger('acme', namespace => 'default');
select namespace from credit_list_ledgers(namespace => 'tenant b');
-- A subject may be the id of another namespace's ledger.
select subject = :'ledger' as same from credit_create_ledger(:'ledger');
select name = :'feature' as same from credit_create_feature(:'feature', 'tokens');
reset credit.namespace;
select subject, namespace from credit_get_ledger(:'ledger');
\set VERBOSITY default
-- A namespace has 1 to 255 characters.
select credit_get_ledger('acme', namespace => '');
\echo :LAST_ERROR_SQLSTATE
select credit_list_meters(namespace => repeat('x', 256));
\echo :LAST_ERROR_SQLSTATE
set local credit.namespace = '';
select credit_get_ledger('acme');
\echo :LAST_ERROR_SQLSTATE
rollback;
