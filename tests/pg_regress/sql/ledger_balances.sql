-- The balances of all ledgers are those of each ledger, whatever has happened to it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
declare
    n int;
    t timestamptz;
    id uuid;
begin
    perform setseed(0.25);
    perform credit_create_meter('calls', 'COUNT', '{region}');
    perform credit_create_feature('api', 'calls');
    perform credit_create_feature('api-eu', 'calls', '{"region": "eu"}');
    perform credit_create_feature('chat-large', 'tokens', '{"model": "large", "region": "us"}');
    perform credit_create_feature('old', 'tokens');
    perform credit_create_feature('unused', 'calls', '{"region": "mars"}');
    for n in 1..300 loop
        perform credit_create_ledger('s' || n, measure_from => '2024-01-01 00:00+00'::timestamptz + (n % 5) * interval '3 days');
    end loop;
    for n in 1..900 loop
        t := '2024-01-15 00:00+00'::timestamptz + random() * interval '40 days';
        id := null;
        case n % 6
        when 0 then
            id := (credit_create_grant('s' || (n % 250 + 1), (array['chat', 'api', 'api-eu', 'chat-large', 'old'])[n % 5 + 1],
                (100 * random() + 1)::int, n % 4, t, rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => n % 90)).id;
        when 1 then
            id := (credit_create_grant('s' || (n % 250 + 1), (array['chat', 'api', 'old'])[n % 3 + 1],
                (100 * random() + 1)::int, 1, t, expires_after => '10 days', rollover_type => 'ORIGINAL_AMOUNT')).id;
        when 2 then
            id := (credit_create_grant('s' || (n % 250 + 1), 'chat', 0.000000000001 * n, 1, t, recurs_every => '1 week')).id;
        when 3 then
            id := (credit_create_grant('s' || (n % 250 + 1), 'chat-large', -n, 1, t)).id;
        else
            null;
        end case;
        if n % 6 in (0, 3) and n % 7 = 0 then
            perform credit_void_grant(id, t);
        end if;
    end loop;
    -- Usage without a ledger, before measurement, after the time asked for; of no feature of anybody.
    perform credit_ingest_arrays(
        array_agg('s' || i % 290), array_agg((array['tokens', 'calls'])[i % 2 + 1]),
        array_agg(case when i % 2 = 1 then (array[1, -1])[(i % 19 = 0)::int + 1] else (random() * 50 - 5)::numeric(12, 3) end),
        array_agg('2023-12-25 00:00+00'::timestamptz + random() * interval '80 days'),
        null,
        array_agg(case i % 4
            when 0 then '{"region": "us", "model": "large"}'
            when 1 then '{"region": "eu"}'
            when 2 then '{"region": "us"}' end::jsonb))
    from generate_series(1, 6000) i;
    -- Two streams of one subject and meter are legal.
    insert into credit.streams (id, meter_id, subject)
    select s.id + 3, s.meter_id, s.subject from credit.streams s order by s.id limit 20;
    insert into credit.usage_events (stream_id, occurred_at, value)
    select s.id + 3, '2024-01-20 00:00+00', 2.5 from credit.streams s order by s.id limit 20;
    for n in 1..300 loop
        if n % 3 = 0 then
            perform credit_reset('s' || n, '2024-02-20 00:00+00', n % 2 = 0);
        end if;
    end loop;
    perform credit_delete_feature('old');
end;
$$;

select id as old from credit_list_features(include_archived => true) where name = 'old' \gset
create function pg_temp.one_by_one(feature text, at timestamptz)
returns table (ledger_id uuid, subject text, feature_id uuid, name text, balance numeric,
    usage numeric, overage numeric, available numeric, held numeric)
language sql stable as $$
select l.id, l.subject, b.*
from credit.ledgers l, lateral credit_feature_balances(l.id::text, one_by_one.at) as b
where one_by_one.feature is null or b.name = one_by_one.feature
    or b.feature_id::text = one_by_one.feature
$$;
select t.at, case f.name when :'old' then 'old' else f.name end as asked,
    (select count(*) > 100 from credit_ledger_balances(f.name, t.at)) as many,
    (select count(*) from (
        select * from pg_temp.one_by_one(f.name, t.at)
        except all select * from credit_ledger_balances(f.name, t.at)) as x) as missing,
    (select count(*) from (
        select * from credit_ledger_balances(f.name, t.at)
        except all select * from pg_temp.one_by_one(f.name, t.at)) as x) as wrong
from (values ('2024-01-14 00:00+00'::timestamptz), ('2024-01-20'), ('2024-02-19 23:59'),
        ('2024-02-20'), ('2024-03-01'), ('2026-01-01')) as t (at)
cross join (values (null), ('chat'), ('api-eu'), ('chat-large'), ('unused'), (:'old')) as f (name)
order by t.at, f.name = :'old', f.name collate "C";

-- In order of subject, and for one of the features' creation.
select count(*) from (
    select b.subject, f.created_at, f.id, row_number() over () as n,
        row_number() over (order by b.subject, f.created_at, f.id) as wanted
    from credit_ledger_balances(at => '2024-02-01') b join credit.features f on f.id = b.feature_id
    offset 0) as x
where n <> wanted;

-- The time is the clock's where none is given: one time, and it sees what the transaction did.
select subject from credit_create_ledger('zz');
select amount from credit_create_grant('zz', 'chat', 5);
select subject, name, balance, usage, overage, available from credit_ledger_balances() where subject = 'zz';

-- Ledgers that are not measured by then are left out.
select count(*) filter (where subject = 'zz'), count(distinct subject) > 50 as others from credit_ledger_balances(at => '2024-02-01');
select count(*) from credit_ledger_balances(at => '2023-12-31 23:59:59.999999');

-- Another namespace is another world.
select count(*) from credit_ledger_balances(namespace => 'other');
select slug from credit_create_meter('tokens', namespace => 'other');
select name from credit_create_feature('chat', 'tokens', namespace => 'other');
select subject from credit_create_ledger('s1', measure_from => '2024-01-01', namespace => 'other');
select credit_ingest('s1', 'tokens', 7, '2024-01-02', namespace => 'other');
select subject, name, balance, usage, overage, available from credit_ledger_balances(at => '2024-01-03', namespace => 'other');
set local credit.namespace = 'other';
select subject, usage from credit_ledger_balances('chat', '2024-01-03');
rollback;
