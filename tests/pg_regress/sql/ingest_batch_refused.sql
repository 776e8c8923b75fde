-- A batch is all or nothing; the first bad element is named by its position from 1.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create function pg_temp.refused(events jsonb) returns text language plpgsql as $$
declare detail text; hint text;
begin
    return 'took ' || credit_ingest_batch(events);
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, sqlerrm, detail, nullif(hint, ''));
end;
$$;
select pg_temp.facts() as facts \gset
\pset format unaligned
\pset tuples_only on
select pg_temp.refused('[{"subject": "acme", "meter": "tokens"}, {"subject": "acme", "meter": "nothing"}, {"subject": "acme", "meter": "no"}]');
select pg_temp.refused(e) from unnest(array[
    null, '{}', '"x"', '1', 'null', 'true',
    '[1]', '[null]', '["x"]', '[[]]', '[{}]',
    '[{"subject": "acme"}]', '[{"meter": "tokens"}]', '[{"subject": null, "meter": "tokens"}]',
    '[{"subject": "", "meter": "tokens"}]', '[{"subject": 5, "meter": "tokens"}]', '[{"subject": "acme", "meter": ["tokens"]}]',
    '[{"subject": "acme", "meter": "tokens", "amount": 1}]', '[{"subject": "acme", "meter": "tokens", "Value": 1}]',
    '[{"subject": "acme", "meter": "tokens", "value": true}]', '[{"subject": "acme", "meter": "tokens", "value": {}}]',
    '[{"subject": "acme", "meter": "tokens", "value": "many"}]', '[{"subject": "acme", "meter": "tokens", "value": ""}]',
    '[{"subject": "acme", "meter": "tokens", "value": "NaN"}]', '[{"subject": "acme", "meter": "tokens", "value": "Infinity"}]',
    '[{"subject": "acme", "meter": "tokens", "value": 1e15}]', '[{"subject": "acme", "meter": "tokens", "value": -1000000000000000}]',
    '[{"subject": "acme", "meter": "tokens", "value": 1e-13}]', '[{"subject": "acme", "meter": "tokens", "value": "0.1234567890123"}]',
    '[{"subject": "acme", "meter": "tokens", "occurred_at": "yesterday"}]', '[{"subject": "acme", "meter": "tokens", "occurred_at": "2024-01-02"}]',
    '[{"subject": "acme", "meter": "tokens", "occurred_at": "2024-01-02T00:00:00"}]', '[{"subject": "acme", "meter": "tokens", "occurred_at": "2024-02-30T00:00:00Z"}]',
    '[{"subject": "acme", "meter": "tokens", "occurred_at": "infinity"}]', '[{"subject": "acme", "meter": "tokens", "occurred_at": 1704153600}]',
    '[{"subject": "acme", "meter": "tokens", "dimensions": []}]', '[{"subject": "acme", "meter": "tokens", "dimensions": {"model": 1}}]',
    '[{"subject": "acme", "meter": "tokens", "dimensions": {"city": "Rome"}}]',
    '[{"subject": "acme", "meter": "tokens", "idempotency_key": ""}]', '[{"subject": "acme", "meter": "tokens", "idempotency_key": 7}]']::jsonb[]) as e;
\pset format aligned
\pset tuples_only off
select pg_temp.facts() = :'facts' as unchanged;
rollback;
