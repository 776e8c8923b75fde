-- What cannot be voided, and why.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', metadata => '{"name": "void"}');
    perform credit_void_grant(pg_temp.id_of('void'), '2024-01-02');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', expires_at => '2024-01-03', metadata => '{"name": "expired"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', metadata => '{"name": "reset"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "rolled"}');
    perform credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-01', recurs_every => '1 month', metadata => '{"name": "recurring"}');
    perform credit_reset('acme', '2024-02-01');
end;
$$;
create function pg_temp.refused(grant_id uuid, voided_at timestamptz default null, forfeit boolean default false)
returns table (state text, message text, detail jsonb, hint text) language plpgsql as $$
declare shown text;
begin
    perform credit_void_grant(grant_id, voided_at, forfeit);
    return query select null, 'accepted', null::jsonb, null;
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text, shown = pg_exception_detail, hint = pg_exception_hint;
    if shown like '{%' then
        detail := shown;
        detail := detail - 'grant'
            || jsonb_strip_nulls(jsonb_build_object('child', pg_temp.name_of((detail ->> 'child')::uuid)));
    end if;
    return next;
end;
$$;
select pg_temp.facts() as facts \gset
select name, r.* from unnest('{void,expired,reset,rolled}'::text[]) as name, pg_temp.refused(pg_temp.id_of(name)) as r;
-- Saying that the rest is to be forfeited changes none of this.
select name, r.state from unnest('{void,expired,reset,rolled}'::text[]) as name,
    pg_temp.refused(pg_temp.id_of(name), '2024-01-01', true) as r;
-- Not before the watermark, not in the future.
select r.* from pg_temp.refused(pg_temp.id_of('recurring'), '2024-01-31 23:59:59.999999') as r;
select state, message from pg_temp.refused(pg_temp.id_of('recurring'), '9000-01-01');
select pg_temp.facts() = :'facts' as unchanged;
-- At the watermark it may.
select state, message from pg_temp.refused(pg_temp.id_of('recurring'), '2024-02-01');
-- And the child, instead of its parent.
select state, message from pg_temp.refused(pg_temp.id_of('rolled'''), '2024-02-01');
rollback;
