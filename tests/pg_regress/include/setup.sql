\set ECHO none
-- Read by tests that begin with
--     \getenv srcdir PG_ABS_SRCDIR
--     \i :srcdir/include/setup.sql
-- Opens a transaction in UTC with a meter, a feature of it and a ledger measured from 2024 on, and
-- gives grants the names that the tests show instead of ids.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
set local timezone = 'UTC';
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';

do $$
begin
    perform credit_create_meter('tokens', group_by => '{region,model}');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01 00:00+00');
end;
$$;

-- The name in a grant's metadata; a child of A is A', its child A''.
create function pg_temp.name_of(grant_id uuid) returns text language sql stable as $$
with recursive line as (
    select g.id, g.parent_id, g.metadata, 0 as depth from credit.grants as g where g.id = grant_id
    union all
    select p.id, p.parent_id, p.metadata, l.depth + 1
    from line as l join credit.grants as p on p.id = l.parent_id
)
select (metadata ->> 'name') || repeat('''', depth) from line where parent_id is null
$$;

create function pg_temp.id_of(name text) returns uuid language sql stable as $$
select g.id from credit.grants as g where pg_temp.name_of(g.id) = name
$$;

-- Grants as they stand.
create function pg_temp.balances(ledger text, at timestamptz default null)
returns table (feature text, name text, amount numeric, balance numeric, expires_at timestamptz)
language sql stable as $$
select b.feature, pg_temp.name_of(b.grant_id), b.amount, b.balance, b.expires_at
from credit_grant_balances(balances.ledger, balances.at) as b
$$;

-- Features as they stand.
create function pg_temp.totals(ledger text, at timestamptz default null)
returns table (feature text, balance numeric, usage numeric, overage numeric, available numeric)
language sql stable as $$
select f.name, f.balance, f.usage, f.overage, f.available
from credit_feature_balances(totals.ledger, totals.at) as f
$$;

-- The history, with names and periods to the point.
create function pg_temp.history(ledger text, from_time timestamptz default null,
    to_time timestamptz default null, granularity text default null)
returns table (at timestamptz, type text, name text, amount numeric, balance numeric,
    overage numeric, owed numeric, period_from timestamptz)
language sql stable as $$
select h.at, h.type, pg_temp.name_of(h.grant_id), h.amount, h.balance_after, h.overage,
    h.overage_after, h.period_from
from credit_history(history.ledger, history.from_time, history.to_time,
    granularity => history.granularity) as h
$$;

-- How many rows each table of the extension has.
create function pg_temp.facts() returns jsonb language plpgsql stable as $$
declare
    name text;
    found bigint;
    facts jsonb := '{}';
begin
    for name in select relname from pg_class
        where relnamespace = 'credit'::regnamespace and relkind = 'r'
    loop
        execute format('select count(*) from credit.%I', name) into found;
        facts := facts || jsonb_build_object(name, found);
    end loop;
    return facts;
end;
$$;
\set ECHO all
