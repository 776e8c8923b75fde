-- Intervals are of one unit, and kept as count and duration.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create temp table made as
select n, g.*
from unnest('{1 hour,36 hours,1 day,10 days,7 days,2 weeks,1 month,13 months,12 months,2 years,100 years}'::interval[])
    with ordinality as i(period, n),
    credit_create_grant('acme', 'chat', n, effective_at => '2024-01-31', expires_after => period,
        recurs_every => period, metadata => jsonb_build_object('name', period::text)) as g;
select metadata ->> 'name' as given, expires_after, expires_at, recurs_every, recurrence_anchor
from made order by n;
select m.metadata ->> 'name' as given, s.expiration_count, s.expiration_duration, s.recurrence_count,
    s.recurrence_duration
from made as m join credit.grants as s using (id) order by n;
select g ->> 'expiration' as expiration, g ->> 'recurrence' as recurrence
from jsonb_array_elements(credit_balance('acme', '2024-01-31') -> 'grantBalances') as g
order by g -> 'amount';
-- A week goes in as seven days, a year as twelve months: PostgreSQL keeps no difference.
rollback;
