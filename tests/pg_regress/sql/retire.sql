-- A namespace that is sealed answers as its twin that is not, from the seal on.
\set SHOW_CONTEXT never
\set VERBOSITY terse
set timezone = 'UTC';
-- Does something in both.
create procedure both_do(command text) language plpgsql as $$
declare
    n text;
begin
    foreach n in array '{default,twin}'::text[] loop
        perform set_config('credit.namespace', n, true);
        execute command;
    end loop;
    perform set_config('credit.namespace', 'default', true);
end;
$$;
create function id_of(name text) returns uuid language sql stable as $$
select g.id from credit.grants g join credit.ledgers l on l.id = g.ledger_id where g.metadata ->> 'name' = name and g.parent_id is null and l.namespace = current_setting('credit.namespace')
$$;
-- All that a namespace answers at some times, without ids.
create function answers(n text, since timestamptz) returns table (what text, answer text) language plpgsql as $$
declare
    l text;
    t timestamptz;
begin
    perform set_config('credit.namespace', n, true);
    foreach l in array '{acme,umbrella,hooli}'::text[] loop
        for t in select since + d * interval '9 days 5 hours' from generate_series(0, 14) d loop
            what := format('%s at %s', l, t);
            return query select what || ' features', to_jsonb(b) - 'feature_id' || jsonb_build_object('one', credit_available(l, b.name, t)) #>> '{}' from credit_feature_balances(l, t) b where b.name <> 'archived';
            return query select what || ' grants', (to_jsonb(b) - '{grant_id,parent_id,feature_id}'::text[]) #>> '{}' from credit_grant_balances(l, t) b;
            return query select what || ' history', (to_jsonb(h) - '{grant_id,reset_id,feature_id}'::text[] || jsonb_build_object('name', (select metadata from credit_get_grant(h.grant_id) where h.grant_id is not null), 'n', ordinality)) #>> '{}' from credit_history(l, t, t + interval '40 days', granularity => 'WEEK') with ordinality h;
            return query select what || ' usage', u::text from credit.features f, credit_usage(l, f.id::text, t, t + interval '3 months', 'MONTH') u where f.namespace = n;
        end loop;
        return query select l || ' listed', (to_jsonb(g) - '{id,ledger_id,parent_id,reset_id,feature_id,created_at,updated_at}'::text[]) #>> '{}' from credit_list_grants(array[l], include_void => true) g;
        return query select l || ' gotten', concat_ws(' ', g.metadata, g.amount, g.voided_at, g.expires_at) from credit.grants r join credit.ledgers s on s.id = r.ledger_id, credit_get_grant(r.id) g where s.subject = l and s.namespace = n;
    end loop;
    return query select 'all', (to_jsonb(b) - '{ledger_id,feature_id}'::text[]) #>> '{}' from credit_ledger_balances(at => since + interval '1 day') b;
end;
$$;
create function differences(since timestamptz) returns table (namespace text, what text, answer text) language sql as $$
with one as (select * from answers('default', since)), other as (select * from answers('twin', since))
select 'sealed', d.* from (table one except all table other) d
union all select 'twin', d.* from (table other except all table one) d
union all select 'too little', count(*)::text, null from one having count(*) < 300
$$;

call both_do($$
    select credit_create_meter('tokens', group_by => '{model}');
    select credit_create_meter('calls', 'COUNT');
    select credit_create_feature('chat', 'tokens', '{"model": "big"}');
    select credit_create_feature('all', 'tokens');
    select credit_create_feature('calls', 'calls');
    select credit_create_feature('unused', 'calls');
    select credit_create_feature('archived', 'tokens');
    select credit_create_ledger(s, measure_from => '2024-01-01') from unnest('{acme,umbrella,hooli}'::text[]) s;
    select credit_create_grant('acme', 'chat', 100.000000000001, effective_at => '2024-01-01', expires_after => '5 months', rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 90, metadata => '{"name": "a"}');
    select credit_create_grant('acme', 'chat', 50, 0, '2024-01-05', expires_at => '2024-01-20', metadata => '{"name": "b"}');
    select credit_create_grant('acme', 'all', 400, effective_at => '2024-01-01', recurs_every => '1 month', recurrence_anchor => '2024-01-31', rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 33, metadata => '{"name": "c"}');
    select credit_create_grant('acme', 'all', 70, 2, effective_at => '2024-02-10', metadata => '{"name": "d"}');
    select credit_create_grant('acme', 'all', -25, effective_at => '2024-01-03', metadata => '{"name": "e"}');
    select credit_create_grant('acme', 'calls', 7, effective_at => '2024-01-01', metadata => '{"name": "f"}');
    select credit_create_grant('acme', 'calls', 1000, effective_at => '2024-03-05', metadata => '{"name": "g"}');
    select credit_create_grant('umbrella', 'all', 5000, effective_at => '2024-02-20', expires_at => '2024-04-10', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "h"}');
    select credit_create_grant('umbrella', 'all', 500, effective_at => '2024-04-20', metadata => '{"name": "i"}');
    select credit_delete_feature('archived');
$$);
call both_do($$
    select credit_void_grant(id_of('f'), '2024-01-02', true);
    select credit_ingest_batch(jsonb_agg(jsonb_build_object(
        'subject', (array['acme', 'umbrella', 'hooli', 'nobody'])[1 + i % 4], 'meter', case when i % 5 = 0 then 'calls' else 'tokens' end,
        'value', case when i % 5 = 0 then 1 when i % 17 = 0 then -i / 100.0 else i / 1000.0 end,
        'occurred_at', to_char('2024-01-01'::timestamptz + i * interval '1 hour 20 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'dimensions', case when i % 5 = 0 then '{}'::jsonb else jsonb_build_object('model', case when i % 3 = 0 then 'big' else 'small' end) end)))
    from generate_series(1, 1800) i;
    select credit_reset('acme', '2024-02-01');
    select credit_reset('umbrella', '2024-03-01', preserve_overage => true);
    select credit_reset('acme', '2024-03-01');
    select credit_ingest('acme', 'tokens', 3.5, '2024-01-15', '{"model": "big"}', 'late');
$$);
select count(*) from credit.usage_events;
select * from differences('2024-01-01');

-- Sealed inside of a phase; the events are there still.
call credit_retire('2024-03-10 12:34:56.789012', delete_events => false);
select * from differences('2024-03-10 12:34:56.789012');
select l.subject, credit_high_watermark(l.subject) from credit.ledgers l where namespace = 'default' order by 1;
-- What is kept, of one that has little.
select jsonb_pretty(regexp_replace(regexp_replace(c.state::text, '"[-0-9a-f]{36}": ', '"…": ', 'g'), '"[-0-9a-f]{36}"', '"…"', 'g')::jsonb) from credit.checkpoints c join credit.ledgers l on l.id = c.ledger_id where l.subject = 'umbrella';
-- And when they are gone.
call credit_retire('2024-03-10 12:34:56.789012', batch_size => 7);
select * from differences('2024-03-10 12:34:56.789012');
select m.namespace, count(*), count(*) filter (where e.occurred_at < '2024-03-10 12:34:56.789012') as old from credit.usage_events e join credit.streams s on s.id = e.stream_id join credit.meters m on m.id = s.meter_id group by 1 order by 1;
call credit_retire('2024-03-10 12:34:56.789012');
vacuum credit.usage_events;
-- Snapshots go on from the seal, and are not needed.
select count(*) > 0 as taken from credit.snapshots s join credit.ledgers l on l.id = s.ledger_id where l.namespace = 'default' and s.begins_at >= '2024-03-10';
select * from differences('2024-03-10 12:34:56.789012');
delete from credit.snapshots;
select * from differences('2024-03-10 12:34:56.789012');

-- It goes on: late usage after the seal, usage at the very seal, corrections, grants, voids, resets, the reset at the seal of a ledger that had none.
call both_do($$
    select credit_ingest('acme', 'tokens', 12.25, '2024-03-10 12:34:56.789012', '{"model": "big"}');
    select credit_ingest('acme', 'tokens', -40, '2024-03-11', '{"model": "big"}');
    select credit_ingest('umbrella', 'tokens', -4000, '2024-03-12');
    select credit_create_grant('acme', 'chat', 20, 0, effective_at => '2024-03-10 12:34:56.789012', metadata => '{"name": "j"}');
    select credit_void_grant(id_of('c'), '2024-03-20', true);
    select credit_reset('hooli', '2024-03-10 12:34:56.789012');
    select credit_reset('acme', '2024-04-01');
    select credit_reset('umbrella', '2024-04-05');
    select credit_ingest('hooli', 'tokens', 5, '2024-04-02');
    select credit_ingest('acme', 'tokens', 1.5, '2024-03-15', '{"model": "big"}');
$$);
select * from differences('2024-03-10 12:34:56.789012');
call both_do($$ select credit_create_grant('acme', 'calls', 1, effective_at => '2024-04-02', metadata => '{"name": "k"}'); select credit_maintain(); $$);
select * from differences('2024-03-10 12:34:56.789012');
-- Late usage behind the snapshot, after the seal.
call both_do($$ select credit_ingest('acme', 'tokens', 2.5, '2024-03-15', '{"model": "big"}'); $$);
select * from differences('2024-03-10 12:34:56.789012');

-- A second seal, from the first one on; at a reset.
call credit_retire('2024-04-05');
select * from differences('2024-04-05');
call both_do($$
    select credit_ingest('acme', 'tokens', 2, '2024-04-05', '{"model": "big"}');
    select credit_ingest('umbrella', 'tokens', -400, '2024-04-06');
    select credit_void_grant(id_of('i'), '2024-04-25', true);
$$);
select * from differences('2024-04-05');
select l.subject, c.sealed_at from credit.checkpoints c join credit.ledgers l on l.id = c.ledger_id order by 1, 2;
select namespace, sealed_at, step from credit.seals order by created_at, step;

-- Spends and holds; a ledger and a feature that are made later begin at the seal.
call both_do($$
    select amount from credit_consume('acme', 'all', 3, overdraft => 100000);
    select amount from credit_settle(credit_reserve('acme', 'all', 4, overdraft => 100000), 3);
    select credit_reserve('acme', 'all', 5, overdraft => 100000);
$$);
select b.name, b.balance = t.balance and b.available = t.available and b.held = t.held as same, b.held
from credit_feature_balances('acme') b join credit_feature_balances('acme', namespace => 'twin') t using (name) order by 1;
select subject, measure_from >= credit.sealed_at(null) as later from credit_create_ledger('newcomer');
select credit_create_feature('late', 'tokens') is null as failed;
select * from credit_usage('acme', 'late', null, '2024-06-01');
