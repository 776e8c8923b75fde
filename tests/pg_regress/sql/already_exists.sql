-- The error carries what exists, for programs.
begin;
create function pg_temp.error_of(call text) returns table (field text, content text)
language plpgsql as $$
declare
    state text;
    message text;
    detail text;
    hint text;
begin
    execute call;
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text,
        detail = pg_exception_detail, hint = pg_exception_hint;
    -- ids and the clock differ from run to run
    detail := regexp_replace(detail, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '<id>', 'g');
    detail := regexp_replace(detail, '"((created|updated)At)": "\d{4}-[^"]*Z"', '"\1": "<time>"', 'g');
    return query values ('sqlstate', state), ('message', message), ('detail', detail), ('hint', hint);
end;
$$;
\pset format unaligned
\pset tuples_only on
select slug from credit_create_meter('tokens', 'SUM', '{region}');
select name from credit_create_feature('chat', 'tokens', '{"region": "eu"}');
select name from credit_create_feature('all', 'tokens');
select subject from credit_create_ledger('acme', '{"plan": "pro"}', '2024-01-01 00:00:00.120+00');

select * from pg_temp.error_of($$ select credit_create_meter('tokens') $$);
select * from pg_temp.error_of($$ select credit_create_feature('chat', 'tokens') $$);
select * from pg_temp.error_of($$ select credit_create_feature('all', 'tokens') $$);
select * from pg_temp.error_of($$ select credit_create_ledger('acme') $$);
-- It is there, but it is not what was asked for.
select * from pg_temp.error_of($$ select credit_create_meter('tokens', if_not_exists => true) $$);
select * from pg_temp.error_of(
    $$ select credit_create_feature('chat', 'tokens', if_not_exists => true) $$);
select * from pg_temp.error_of($$ select credit_create_ledger('acme', if_not_exists => true) $$);
rollback;
