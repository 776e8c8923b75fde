-- A caller's search path changes nothing, not in functions that continue as the owner either.
begin;
create schema regress_evil;
create function regress_evil.format(text, variadic text[]) returns text
language sql as $$ select 'evil' $$;
create function regress_evil.never(text, text) returns boolean
language sql as $$ select false $$;
create function regress_evil.never(uuid, uuid) returns boolean
language sql as $$ select false $$;
create function regress_evil.never(bigint, bigint) returns boolean
language sql as $$ select false $$;
create operator regress_evil.= (function = regress_evil.never, leftarg = text, rightarg = text);
create operator regress_evil.= (function = regress_evil.never, leftarg = uuid, rightarg = uuid);
create operator regress_evil.= (
    function = regress_evil.never, leftarg = bigint, rightarg = bigint);
create table regress_evil.ledgers (id int);
create domain regress_evil.text as integer;
set local search_path = regress_evil, pg_catalog, public;
select slug from credit_create_meter('tokens');
select name from credit_create_feature('chat', 'tokens');
select subject from credit_create_ledger('acme');
select slug from credit_get_meter('tokens');
select name from credit_get_feature('chat');
select subject from credit_get_ledger('acme');
select subject from credit_list_ledgers('{acme}');
select amount from credit_create_grant('acme', 'chat', 100);
select credit_ingest('acme', 'tokens', 30);
select credit_ingest('acme', 'tokens', 30, idempotency_key => 'k', occurred_at => '2024-01-01');
select credit_ingest('acme', 'tokens', 30, idempotency_key => 'k', occurred_at => '2024-01-01');
select credit_ingest_arrays('{acme}', '{tokens}', '{7}');
select credit_available('acme', 'chat');
set local search_path = '';
select slug from public.credit_create_meter('calls');
select name from public.credit_create_feature('images', 'tokens');
select subject from public.credit_create_ledger('umbrella');
select public.credit_available('acme', 'chat');
rollback;
