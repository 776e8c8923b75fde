-- A caller's search path changes nothing.
begin;
create schema regress_evil;
create function regress_evil.format(text, variadic text[]) returns text
language sql as $$ select 'evil' $$;
create function regress_evil.never(text, text) returns boolean
language sql as $$ select false $$;
create operator regress_evil.= (function = regress_evil.never, leftarg = text, rightarg = text);
create table regress_evil.ledgers (id int);
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme');
set local search_path = regress_evil, pg_catalog, public;
select slug from credit_get_meter('tokens');
select name from credit_get_feature('chat');
select subject from credit_get_ledger('acme');
select subject from credit_list_ledgers('{acme}');
set local search_path = '';
select slug from public.credit_create_meter('calls');
select name from public.credit_create_feature('images', 'tokens');
select subject from public.credit_create_ledger('umbrella');
rollback;
