-- A key of a grant: the first answer to the same call, an error for another.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select to_jsonb(g) as first
from credit_create_grant('acme', 'chat', 10, 3, '2024-01-05', expires_after => '1 month',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 5, recurs_every => '1 week',
    recurrence_anchor => '2024-01-01', metadata => '{"name": "A", "x": "1"}',
    idempotency_key => 'k') as g \gset
select pg_temp.facts() as facts \gset
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', 'chat', 10, 3, '2024-01-05', expires_after => '1 month',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 5, recurs_every => '1 week',
    recurrence_anchor => '2024-01-01', metadata => '{"name": "A", "x": "1"}',
    idempotency_key => 'k') as g;
-- Numbers are compared by value, times as instants, JSON by content; what is NULL is not compared.
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', 'chat', 10.000, 3, '2024-01-05 01:00+01', expires_after => '1 month',
    rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 5.0, recurs_every => '7 days',
    recurrence_anchor => '2023-12-31 19:00-05', metadata => '{"x": "1",   "name": "A"}',
    idempotency_key => 'k') as g;
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', 'chat', 10, null, metadata => null, idempotency_key => 'k') as g;
select l.id as ledger, f.id as feature from credit_get_ledger('acme') l, credit_get_feature('chat') f
\gset
select to_jsonb(g) = :'first' as same
from credit_create_grant(:'ledger', :'feature', 10, null, metadata => null, idempotency_key => 'k') as g;
-- Each argument that differs is named.
create function pg_temp.differs(arguments text) returns text language plpgsql as $$
declare state text; message text; detail text;
begin
    execute format('select credit_create_grant(%s, idempotency_key => ''k'')', arguments);
    return 'accepted';
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail;
    return state || ' ' || message || ' ' || detail;
end;
$$;
select f.name, l.subject
from credit_create_feature('other', 'tokens') f, credit_create_ledger('other', measure_from => '2024-01-01') l;
select pg_temp.facts() as facts \gset
select pg_temp.differs(a) from unnest(array[
    $$'other', 'chat', 10, null, metadata => null$$,
    $$'acme', 'other', 10, null, metadata => null$$,
    $$'acme', 'chat', 11, null, metadata => null$$,
    $$'acme', 'chat', 10, 4, metadata => null$$,
    $$'acme', 'chat', 10, null, '2024-01-06', metadata => null$$,
    $$'acme', 'chat', 10, null, metadata => null, expires_after => '4 weeks'$$,
    $$'acme', 'chat', 10, null, metadata => null, expires_at => '2024-02-06'$$,
    $$'acme', 'chat', 10, null, metadata => null, rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 5$$,
    $$'acme', 'chat', 10, null, metadata => null, rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 6$$,
    $$'acme', 'chat', 10, null, metadata => null, recurs_every => '2 weeks'$$,
    $$'acme', 'chat', 10, null, metadata => null, recurs_every => '1 week', recurrence_anchor => '2024-01-02'$$,
    $$'acme', 'chat', 10, null, metadata => '{"name": "A"}'$$]) as a;
-- A rollover's type alone leaves its cap uncompared.
select pg_temp.differs($$'acme', 'chat', 10, null, metadata => null, rollover_type => 'REMAINING_AMOUNT'$$);
select pg_temp.facts() = :'facts' as unchanged;
rollback;
