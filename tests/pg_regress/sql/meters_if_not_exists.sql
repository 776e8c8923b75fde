\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
select id as first from credit_create_meter('calls', 'COUNT', '{region,model}') \gset
-- The same meter is the one that exists; the order of dimensions says nothing.
select id = :'first' as same
from credit_create_meter('calls', 'COUNT', '{region,model}', if_not_exists => true);
select id = :'first' as same
from credit_create_meter('calls', 'COUNT', '{model,region}', if_not_exists => true);
select count(*) from credit_list_meters();
-- Another definition is not.
\set VERBOSITY terse
select slug from credit_create_meter('calls', 'SUM', '{region,model}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select slug from credit_create_meter('calls', 'COUNT', '{region}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
select slug from credit_create_meter('calls', 'COUNT', '{region,model,user}', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
-- A new one is made.
select slug from credit_create_meter('tokens', if_not_exists => true);
rollback;
