-- A ledger is found by its id too, but usage by its subject only: usage sent to the id would never
-- be counted, so it is refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create function pg_temp.sent(subject text) returns text language plpgsql as $$
declare
    detail text;
    hint text;
begin
    return credit_ingest(subject, 'tokens', 1, '2024-01-02');
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, sqlerrm, replace(detail, subject, '(id)'), hint);
end;
$$;
select pg_temp.sent(id::text) from credit_get_ledger('acme');
select pg_temp.sent(upper(id::text)) from credit_get_ledger('acme');
-- In another namespace it is the id of nothing, and any other UUID may be a subject.
select (credit_create_meter('tokens', namespace => 'other')).slug;
select credit_ingest(id::text, 'tokens', 1, '2024-01-02', namespace => 'other') from credit_get_ledger('acme');
select pg_temp.sent('0190c5a0-0000-7000-8000-000000000000');
select count(*) from credit.streams;
rollback;
