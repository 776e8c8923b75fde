-- Random grants, usage (late, early, negative), voids and resets on many ledgers with four features, two
-- of them filtered and one on a COUNT meter. After each call every way to ask gives the same answer, and
-- what was answered for a time before that of the call is still so.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
\set ECHO none
create temp table raw (subject text, meter text, at timestamptz, value numeric, dimensions jsonb);
create temp table answered (subject text, at timestamptz, balances jsonb);
create temp table parts as select * from credit_history('acme') limit 0;
create temp table whole as select row_number() over () as n, h.* from credit_history('acme') as h limit 0;
create temp table features as select * from credit_feature_balances('acme') limit 0;
create temp table grants as select * from credit_grant_balances('acme') limit 0;

create function pg_temp.any_time() returns timestamptz language sql volatile as $$
select case when random() < 0.6
    then ('{2024-01-01,2024-01-15,2024-01-31,2024-02-01,2024-02-29,2024-03-01}'::timestamptz[])[1 + floor(random() * 6)::int]
    else '2024-01-01'::timestamptz + random() * interval '90 days' end
$$;

create function pg_temp.one_of(variadic choices text[]) returns text language sql volatile as $$
select choices[1 + floor(random() * cardinality(choices))::int]
$$;

-- Something to call on a ledger, and the earliest time at which it changes anything.
create function pg_temp.any_call(subject text, out call text, out at timestamptz) language plpgsql as $$
declare
    dice float := random();
    ledger uuid := (credit_get_ledger(subject)).id;
    value numeric := (1 + floor(random() * 9999)) / (array[1, 10, 100])[1 + floor(random() * 3)::int];
    meter text := pg_temp.one_of('tokens', 'tokens', 'calls');
    dimensions jsonb := case meter when 'tokens' then pg_temp.one_of('{}', '{"model": "large"}', '{"model": "large", "region": "eu"}') else '{}' end;
begin
    at := pg_temp.any_time();
    if (dice < 0.35 or dice >= 0.75) and random() < 0.8 then -- mostly what is not refused
        at := greatest(at, credit_high_watermark(subject));
    end if;
    if dice < 0.35 then
        call := format('credit_create_grant(%L, %L, %s, effective_at => %L', subject,
            pg_temp.one_of('chat', 'large', 'large-eu', 'calls'), case when random() < 0.1 then -1 else 1 end * value, at);
        call := call || format(', priority => %s', pg_temp.one_of('0', '1', '1'))
            || pg_temp.one_of('', '', ', expires_after => ''1 month''', ', expires_after => ''2 months''', format(', expires_at => %L', pg_temp.any_time()))
            || pg_temp.one_of('', ', rollover_type => ''REMAINING_AMOUNT''', ', rollover_type => ''REMAINING_AMOUNT'', rollover_max_amount => 50', ', rollover_type => ''ORIGINAL_AMOUNT''')
            || pg_temp.one_of('', '', '', ', recurs_every => ''1 week''', ', recurs_every => ''1 month''') || ')';
    elsif dice < 0.75 then
        value := case meter when 'calls' then sign(random() - 0.2) else value * sign(random() - 0.2) end;
        call := format('credit_ingest(%L, %L, %s, %L, %L)', subject, meter, value, at, dimensions);
        insert into raw values (subject, meter, at, value, dimensions);
    elsif dice < 0.83 then
        at := at + floor(random() * 20) * interval '1 day';
        call := format('credit_reset(%L, %L, %s)', subject, at, pg_temp.one_of('true', 'false'));
    else
        call := format('credit_void_grant(%L, %L, %s)',
            (select id from credit.grants as g where g.ledger_id = ledger and g.effective_at >= credit_high_watermark(subject) order by random() limit 1), at, pg_temp.one_of('true', 'true', 'false'));
    end if;
end;
$$;

create function pg_temp.all_balances(subject text, at timestamptz) returns jsonb language sql stable as $$
select jsonb_build_array((select jsonb_agg(f) from credit_feature_balances(subject, at) as f), (select jsonb_agg(g) from credit_grant_balances(subject, at) as g))
$$;

-- What does not agree with what, at a time at which nothing happens.
create function pg_temp.disagreements(subject text, at timestamptz) returns setof text language plpgsql as $$
#variable_conflict use_column
declare
    middle timestamptz := '2024-01-01'::timestamptz + random() * (at - '2024-01-01'::timestamptz);
    document jsonb := credit_balance(subject, at);
begin
    delete from whole;
    delete from parts;
    delete from features;
    delete from grants;
    insert into whole select row_number() over (), h.* from credit_history(subject, '2024-01-01', at) as h;
    insert into parts select * from credit_history(subject, '2024-01-01', middle, granularity => pg_temp.one_of('WEEK', 'MONTH'))
        union all select * from credit_history(subject, middle, at, granularity => 'DAY');
    insert into features select * from credit_feature_balances(subject, at);
    insert into grants select * from credit_grant_balances(subject, at);

    return query select 'history and feature' from (select feature_id, sum(amount) as a, sum(overage) as o from whole where feature_id is not null group by 1) as h
        full join features as f using (feature_id) where (coalesce(h.a, 0), coalesce(h.o, 0)) is distinct from (f.balance, f.overage);
    return query select 'running totals' from (select distinct on (feature_id) feature_id, balance_after, overage_after
            from whole where feature_id is not null order by feature_id, n desc) as h
        join features as f using (feature_id) where (h.balance_after, h.overage_after) is distinct from (f.balance, f.overage);
    return query select 'history and grant' from (select grant_id, sum(amount) as a from whole where grant_id is not null group by 1) as h
        full join grants as g using (grant_id) where coalesce(h.a, 0) <> coalesce(g.balance, 0);
    return query select 'adjacent histories' from (
            select feature_id, grant_id, amount, overage from whole union all select feature_id, grant_id, -amount, -overage from parts) as h
        group by feature_id, grant_id having (sum(amount), sum(overage)) <> (0, 0);
    return query select 'available' from features as f
        where f.available <> f.balance - f.overage or credit_available(subject, f.name, at) <> f.available;
    return query select 'usage' from features as f join credit.features as c on c.id = f.feature_id
        cross join lateral (select coalesce(sum(r.value), 0) as whole, coalesce(sum(r.value) filter (where r.at >= s.since), 0) as since_reset
            from (select coalesce(max(h.at), '-infinity') as since from whole as h where h.type = 'RESET') as s
            left join raw as r on r.subject = disagreements.subject and r.meter = c.meter_slug and r.dimensions @> coalesce(c.meter_group_by_filters, '{}')
                and r.at >= '2024-01-01' and r.at < disagreements.at) as r
        where f.usage <> r.since_reset
            or r.whole is distinct from (select sum(usage) from credit_usage(subject, f.name, '2024-01-01', at, pg_temp.one_of('DAY', 'WEEK', 'MONTH')));
    return query select 'document' from (select f ->> 'id' as id, f ->> 'balance' as balance, f ->> 'usage' as usage, f ->> 'overage' as overage, f ->> 'available' as available
            from jsonb_array_elements(document -> 'featureBalances') as f) as d
        full join features as f on f.feature_id = d.id::uuid
        where (f.balance, f.usage, f.overage, f.available) is distinct from (d.balance::numeric, d.usage::numeric, d.overage::numeric, d.available::numeric);
    return query select 'document' from (select g ->> 'id' as id, g ->> 'balance' as balance, g ->> 'amount' as amount
            from jsonb_array_elements(document -> 'grantBalances') as g) as d
        full join grants as g on g.grant_id = d.id::uuid
        where (g.balance, g.amount) is distinct from (d.balance::numeric, d.amount::numeric);
end;
$$;

create temp table outcome (accepted int, mismatches text[]);
do $$
declare
    customer text;
    next record;
    accepted int := 0;
    found text[] := '{}';
    asked timestamptz;
begin
    perform setseed(0.25);
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_feature('large-eu', 'tokens', '{"model": "large", "region": "eu"}');
    perform credit_create_meter('calls', 'COUNT'), credit_create_feature('calls', 'calls');
    for round in 1..10 loop
        truncate answered;
        perform credit_create_ledger('customer ' || round, measure_from => '2024-01-01');
        for step in 1..30 loop
            customer := case when random() < 0.3 then 'acme' else 'customer ' || round end;
            next := pg_temp.any_call(customer);
            begin
                execute 'select ' || next.call;
                accepted := accepted + 1;
            exception when sqlstate 'UC202' or sqlstate 'UC203' or sqlstate 'UC204' or sqlstate 'UC206' or sqlstate 'UC003'
                or sqlstate '22004' or invalid_parameter_value then
                null;
            end;
            found := found || array(select format('as of %s after %s', a.at, next.call) from answered as a
                where a.subject = customer and a.at < next.at and a.balances <> pg_temp.all_balances(a.subject, a.at));
            asked := '2024-01-01 00:00:00.000001'::timestamptz + floor(random() * 120) * interval '1 day';
            found := found || array(select d from pg_temp.disagreements(customer, asked) as d);
            delete from answered as a where a.subject = customer and a.at >= next.at;
            insert into answered values (customer, asked, pg_temp.all_balances(customer, asked));
        end loop;
    end loop;
    insert into outcome values (accepted, found);
end;
$$;
\set ECHO all
select accepted > 120 as enough, cardinality(mismatches) || ' mismatches' as answer, mismatches[1:3] as some from outcome;
rollback;
