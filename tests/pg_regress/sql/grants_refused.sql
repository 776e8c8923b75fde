-- Grants that are refused, each with a reason, and nothing is written.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_ledger('reset', measure_from => '2024-01-01');
    perform credit_reset('reset', '2024-02-01');
    perform credit_create_ledger('elsewhere', namespace => 'other');
end;
$$;
create function pg_temp.refused(arguments text) returns text language plpgsql as $$
declare detail text; hint text;
begin
    execute format('select credit_create_grant(%s)', arguments);
    return 'accepted: ' || arguments;
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, sqlerrm, detail, nullif(hint, ''));
end;
$$;
select pg_temp.facts() as facts \gset
\pset format unaligned
\pset tuples_only on
-- Ledgers and features.
select pg_temp.refused(a) from unnest(array[
    $$null, 'chat', 1$$, $$'', 'chat', 1$$, $$repeat('x', 10000), 'chat', 1$$, $$'nobody', 'chat', 1$$, $$'"; drop', 'chat', 1$$,
    $$'00000000-0000-0000-0000-000000000000', 'chat', 1$$, $$'elsewhere', 'chat', 1$$, $$'elsewhere', 'chat', 1, namespace => 'other'$$,
    $$'acme', 'chat', 1, namespace => ''$$, $$'acme', 'chat', 1, namespace => repeat('x', 256)$$,
    $$'acme', null, 1$$, $$'acme', '', 1$$, $$'acme', repeat('x', 256), 1$$, $$'acme', 'nothing', 1$$]) as a;
-- Amounts.
select pg_temp.refused($$'acme', 'chat', $$ || a) from unnest(array[
    'null', '0', '0.0', $$'NaN'$$, $$'Infinity'$$, $$'-Infinity'$$, '1e15', '-1e15', '1e-13', '1e1000']) as a;
-- Priorities.
select pg_temp.refused($$'acme', 'chat', 1, priority => $$ || a) from unnest('{-1,256,300,2147483647}'::text[]) as a;
-- Times.
select pg_temp.refused($$'acme', 'chat', 1, $$ || a) from unnest(array[
    $$effective_at => '2023-12-31 23:59:59.999999'$$, $$effective_at => 'infinity'$$, $$effective_at => '-infinity'$$,
    $$effective_at => '0044-03-15 BC'$$, $$effective_at => '10000-01-01'$$,
    $$effective_at => '2024-01-01', expires_at => '2024-01-01'$$, $$effective_at => '2024-01-02', expires_at => '2024-01-01'$$,
    $$effective_at => '2024-01-01', expires_at => 'infinity'$$, $$effective_at => '2024-01-01', expires_at => '-infinity'$$,
    $$effective_at => '2024-01-01', expires_at => '2024-02-01', expires_after => '1 month'$$,
    $$effective_at => '9999-12-31', expires_after => '1 day'$$,
    $$effective_at => '2024-01-01', recurs_every => '1 month', recurrence_anchor => 'infinity'$$,
    $$effective_at => '2024-01-01', recurs_every => '1 month', recurrence_anchor => '0001-01-01 BC'$$,
    $$effective_at => '2024-01-01', recurrence_anchor => '2024-01-01'$$]) as a;
select pg_temp.refused($$'reset', 'chat', 1, effective_at => '2024-01-31 23:59:59.999999'$$);
-- Intervals.
select pg_temp.refused($$'acme', 'chat', 1, effective_at => '2024-01-01', expires_after => $$ || quote_literal(a)) from unnest(array[
    '0', '-1 day', '-1 month', '1 month 1 day', '1 day 1 hour', '1 year 1 day', '1 month -1 day', '30 minutes', '90 minutes', '1 second',
    '1 microsecond', '101 years', '255 years', '1201 months', '178000000 years', '2147483647 days', '2562047788 hours']) as a;
select pg_temp.refused($$'acme', 'chat', 1, effective_at => '2024-01-01', recurs_every => $$ || quote_literal(a)) from unnest(array[
    '0', '-1 day', '1 month 1 day', '59 minutes', '255 years']) as a;
-- Rollovers.
select pg_temp.refused($$'acme', 'chat', 1, effective_at => '2024-01-01', $$ || a) from unnest(array[
    $$rollover_type => 'remaining_amount'$$, $$rollover_type => ''$$, $$rollover_type => 'ORIGINAL'$$, $$rollover_max_amount => 5$$,
    $$rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => -1$$, $$rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 'NaN'$$,
    $$rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 1e15$$, $$rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 1e-13$$]) as a;
-- Debits.
select pg_temp.refused($$'acme', 'chat', -1, effective_at => '2024-01-01', $$ || a) from unnest(array[
    $$expires_at => '2024-02-01'$$, $$expires_after => '1 month'$$, $$rollover_type => 'REMAINING_AMOUNT'$$, $$recurs_every => '1 month'$$]) as a;
-- Metadata and keys.
select pg_temp.refused($$'acme', 'chat', 1, effective_at => '2024-01-01', metadata => $$ || a) from unnest(array[
    $$'[]'$$, $$'null'$$, $$'"x"'$$, $$'1'$$, $$'{"seats": 5}'$$, $$'{"seats": null}'$$, $$'{"seats": {}}'$$, $$'{"plan": "pro", "tags": ["a"]}'$$]) as a;
select pg_temp.refused($$'acme', 'chat', 1, effective_at => '2024-01-01', idempotency_key => $$ || a) from unnest(array[
    $$''$$, $$repeat('k', 256)$$]) as a;
\pset format aligned
\pset tuples_only off
select pg_temp.facts() = :'facts' as unchanged;
rollback;
