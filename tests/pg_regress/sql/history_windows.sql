-- Histories of adjacent windows add up, wherever they meet, and sum to the balance.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-03', expires_after => '2 months', rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 20, metadata => '{"name": "A"}');
    perform credit_create_grant('acme', 'chat', 30, 0, '2024-01-05', recurs_every => '1 week', rollover_type => 'ORIGINAL_AMOUNT', metadata => '{"name": "weekly"}');
    perform credit_create_grant('acme', 'large', 10, effective_at => '2024-01-02', expires_at => '2024-01-20', metadata => '{"name": "B"}');
    perform credit_create_grant('acme', 'chat', -7, effective_at => '2024-01-15', metadata => '{"name": "debit"}');
    perform credit_create_grant('acme', 'chat', 5, effective_at => '2024-01-04', metadata => '{"name": "void"}');
    perform credit_void_grant(pg_temp.id_of('void'), '2024-01-06');
    perform credit_ingest('acme', 'tokens', 3, '2024-01-02 12:00');
    perform credit_ingest('acme', 'tokens', 1.5, d, '{"model": "large"}') from generate_series('2024-01-05 08:00'::timestamptz, '2024-02-20', '36 hours') d;
    perform credit_ingest('acme', 'tokens', -20, '2024-01-21 13:00');
    perform credit_reset('acme', '2024-02-01');
    perform credit_reset('acme', '2024-02-10', preserve_overage => true);
end;
$$;
create function pg_temp.sums(from_time timestamptz, to_time timestamptz, granularity text default null)
returns table (feature_id uuid, name text, type text, amount numeric, overage numeric) language sql stable as $$
select h.feature_id, pg_temp.name_of(h.grant_id), h.type, sum(h.amount), sum(h.overage)
from credit_history('acme', from_time, to_time, granularity => sums.granularity) as h
group by 1, 2, 3
$$;
create function pg_temp.net(from_time timestamptz, to_time timestamptz, granularity text default null)
returns table (feature_id uuid, name text, amount numeric, overage numeric) language sql stable as $$
select s.feature_id, s.name, sum(s.amount), sum(s.overage) from pg_temp.sums(from_time, to_time, granularity) as s
group by 1, 2 having sum(s.amount) <> 0 or sum(s.overage) <> 0
$$;
-- Whatever happened at one instant is in one of two windows: nothing is lost, nothing is twice.
select cut,
    (select count(*) from (
        (select * from pg_temp.net('2024-01-01', '2024-03-01'))
        except
        (select feature_id, name, sum(amount), sum(overage) from (select * from pg_temp.net('2024-01-01', cut)
            union all select * from pg_temp.net(cut, '2024-03-01')) as both_windows group by 1, 2)) as different) as different
from unnest('{2024-01-01,2024-01-02,2024-01-03,2024-01-05,2024-01-06,2024-01-06 20:00,2024-01-12,2024-01-15,2024-01-20,
    2024-01-21 12:00,2024-01-21 14:00,2024-01-31 23:59:59.999999,2024-02-01,2024-02-01 00:00:00.000001,2024-02-10,
    2024-02-29,2024-03-01}'::timestamptz[]) as cut;
-- And so with many windows, of any granularity.
select g as granularity, (select count(*) from (
    (select * from pg_temp.net('2024-01-01', '2024-03-01'))
    except
    (select feature_id, name, sum(amount), sum(overage) from generate_series('2024-01-01'::timestamptz, '2024-02-29', '5 days') as d,
        pg_temp.net(d, d + interval '5 days', g) group by 1, 2)) as different) as different
from unnest(array[null, 'HOUR', 'DAY', 'WEEK', 'MONTH']) as g;
-- The sums of a history from the beginning are the balances, of each grant and of each feature.
select t, count(*) filter (where b.balance <> coalesce(n.amount, 0)) as different, count(*) as grants
from unnest('{2024-01-02 13:00,2024-01-05 01:00,2024-01-15 01:00,2024-01-16,2024-01-22,2024-02-01 01:00,2024-02-10 01:00,2024-02-25}'::timestamptz[]) as t,
    pg_temp.balances('acme', t) as b
    left join pg_temp.net('2024-01-01', t) as n on n.name = b.name
group by t order by t;
select t, name, balance = coalesce(amount, 0) as balance, overage = coalesce(owed, 0) as overage
from unnest('{2024-01-02 13:00,2024-01-15 01:00,2024-01-22,2024-02-25}'::timestamptz[]) as t,
    credit_feature_balances('acme', t) as b
    left join lateral (select sum(n.amount) as amount, sum(n.overage) as owed
        from pg_temp.net('2024-01-01', t) as n where n.feature_id = b.feature_id) as h on true
order by t, name;
-- The running totals are those of the balance, too.
select bool_and(balance_after = sums.balance and overage_after = sums.overage) as same, count(*)
from (select h.*, sum(amount) over w as balance, sum(overage) over w as overage
    from credit_history('acme', '2024-01-01', '2024-03-01', granularity => 'DAY') with ordinality as h(at, type, grant_id,
        reset_id, feature_id, amount, balance_after, moved, overage_after, period_from, period_to, nr),
        lateral (select moved as overage) as o
    where feature_id is not null
    window w as (partition by feature_id order by nr)) as sums;
rollback;
