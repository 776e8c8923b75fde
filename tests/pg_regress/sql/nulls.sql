-- NULL for every argument of every function: an answer, or an error that names the argument. Never
-- an error without a name, and nothing is changed.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select credit_reserve('acme', 'chat', 1) is null as failed;
-- A value for each argument, by its name; what is not here is given as NULL anyway.
create temp table given (argument text primary key, value text);
insert into given values
    ('ledger', $$'acme'$$), ('subject', $$'acme'$$), ('feature', $$'chat'$$), ('name', $$'chat'$$),
    ('meter', $$'tokens'$$), ('slug', $$'tokens'$$), ('meter_slug', $$'tokens'$$),
    ('subjects', $$'{acme}'$$), ('meters', $$'{tokens}'$$), ('events', $$'[]'$$), ('spends', $$'[]'$$),
    ('group_by', $$'{model}'$$), ('aggregation', $$'SUM'$$), ('metadata', $$'{}'$$),
    ('amount', '1'), ('value', '1'), ('priority', '1'), ('row_offset', '0'), ('order_by', $$'id'$$),
    ('from_high_watermark', 'false'), ('include_void', 'false'), ('include_archived', 'false'),
    ('if_not_exists', 'false'), ('preserve_overage', 'false'),
    ('forfeit_remaining', 'false'), ('overdraft', '0'), ('partial', 'false'), ('include_closed', 'false'), ('expires_in', $$'1 hour'$$), ('hold_id', '(select id from credit.holds limit 1)'), ('grant_id', '(select id from credit.grants limit 1)');
create function pg_temp.answer(call text) returns text language plpgsql as $$
begin
    execute call;
    raise exception using errcode = 'T0000', message = 'an answer';
exception
    when sqlstate 'T0000' then return sqlerrm;
    when others then return sqlstate || ': ' || sqlerrm;
end;
$$;
select pg_temp.facts() as facts \gset
with arguments as (
    select p.oid, p.proname, p.pronargs, a.ordinality as position, p.proargnames[a.ordinality] as name,
        format_type(a.type, null) as type
    from pg_proc as p, unnest(p.proargtypes) with ordinality as a (type, ordinality)
    where p.proname like 'credit\_%' and p.prokind = 'f'
), calls as (
    select a.oid, a.proname, n.name as "NULL",
        format('select * from %I(%s)', a.proname, string_agg(
            case when a.name = n.name then 'null' else coalesce(g.value, 'null') end || '::' || a.type,
            ', ' order by a.position)) as call
    from arguments as a join arguments as n on n.oid = a.oid left join given as g on g.argument = a.name
    group by a.oid, a.proname, n.name, n.position
)
select proname as function, "NULL", answer
from calls, lateral pg_temp.answer(call) as answer
where answer <> 'an answer'
order by proname collate "C", "NULL" collate "C";
-- All of them at once.
select p.proname as function, pg_temp.answer(format('select * from %I(%s)', p.proname,
    (select string_agg('null::' || format_type(t, null), ', ' order by o)
    from unnest(p.proargtypes) with ordinality as a (t, o)))) as answer
from pg_proc as p
where p.proname like 'credit\_%' and p.prokind = 'f'
order by p.proname collate "C";
select pg_temp.facts() = :'facts' as "nothing changed";
rollback;
