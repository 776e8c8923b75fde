-- The balance as one JSON document: every key, absent ones left out, times in UTC, numbers exact.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
-- Ids and times of the clock are shown by their kind.
create function pg_temp.shown(document jsonb) returns jsonb language sql stable as $$
select case jsonb_typeof(document)
    when 'object' then (select coalesce(jsonb_object_agg(key, case
            when key in ('id', 'ledgerID', 'featureID', 'parentID') and value #>> '{}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                then '"<id>"'
            when key in ('createdAt', 'updatedAt') and value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$'
                then '"<time>"'
            else pg_temp.shown(value) end), '{}') from jsonb_each(document))
    when 'array' then (select coalesce(jsonb_agg(pg_temp.shown(value) order by nr), '[]')
        from jsonb_array_elements(document) with ordinality as e(value, nr))
    else document end
$$;
select jsonb_pretty(pg_temp.shown(credit_balance('acme', '2024-01-01'))) as nothing_yet;
do $$
begin
    perform credit_create_ledger('globex', '{"plan": "pro", "größe": "XL"}', measure_from => '2024-01-01');
    perform credit_create_feature('large', 'tokens', '{"model": "large", "region": "eu"}');
    perform credit_create_grant('globex', 'chat', 1, effective_at => '2024-01-01');
    perform credit_create_grant('globex', 'large', 100.500, 7, '2024-01-02 03:04:05.678901', expires_after => '3 months',
        rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 50.25, recurs_every => '2 weeks',
        recurrence_anchor => '2023-12-31 12:00', metadata => '{"name": "A"}');
    perform credit_ingest('globex', 'tokens', 0.000000000001, '2024-01-03', '{"model": "large", "region": "eu"}');
    perform credit_ingest('globex', 'tokens', 999999999999999, '2024-01-03');
end;
$$;
select jsonb_pretty(pg_temp.shown(credit_balance('globex', '2024-01-04')));
-- The ids are what they say.
select d ->> 'id' = l.id::text as ledger, d #>> '{featureBalances,1,id}' = f.id::text as feature,
    d #>> '{grantBalances,1,featureID}' = f.id::text as of_feature, d #>> '{grantBalances,1,ledgerID}' = l.id::text as of_ledger,
    d #>> '{grantBalances,1,id}' = pg_temp.id_of('A')::text as grant
from credit_balance('globex', '2024-01-04') d, credit_get_ledger('globex') l, credit_get_feature('large') f;
-- A child, and a void to come.
do $$
begin
    perform credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "B"}');
    perform credit_void_grant(pg_temp.id_of('B'), '2024-03-01');
    perform credit_reset('acme', '2024-02-01');
end;
$$;
select jsonb_pretty(pg_temp.shown(credit_balance('acme', '2024-02-15') #> '{grantBalances,0}'));
select credit_balance('acme', '2024-02-15') #>> '{grantBalances,0,parentID}' = pg_temp.id_of('B')::text as parent;
rollback;
