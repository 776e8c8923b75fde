-- The session's time zone changes how times are shown, and nothing else.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
create procedure pg_temp.run(ledger text) language plpgsql as $$
begin
    perform credit_create_ledger(ledger, measure_from => '2024-01-01 00:00+00');
    perform credit_create_grant(ledger, 'chat', 100, effective_at => '2024-01-31 00:00+00', expires_after => '3 months',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_create_grant(ledger, 'chat', 10, 0, '2024-01-31 22:00+00', recurs_every => '1 month', metadata => '{"name": "monthly"}');
    perform credit_create_grant(ledger, 'chat', 1, 0, '2024-03-10 06:00+00', expires_after => '1 day', metadata => '{"name": "day"}');
    perform credit_ingest(ledger, 'tokens', n * 0.01, '2024-01-31 00:00+00'::timestamptz + n * interval '7 hours') from generate_series(1, 200) as n;
    perform credit_reset(ledger, '2024-03-01 00:00+00');
    perform credit_ingest_batch(jsonb_build_array(jsonb_build_object('subject', ledger, 'meter', 'tokens', 'occurred_at', '2024-03-05T00:00:00Z')));
end;
$$;
create function pg_temp.seen(ledger text) returns jsonb language plpgsql as $$
declare seen jsonb;
begin
    select jsonb_agg(to_jsonb(h) - 'at' - 'period_from' || jsonb_build_object('at', extract(epoch from h.at), 'from', extract(epoch from h.period_from)))
    into seen from pg_temp.history(ledger, '2024-01-01 00:00+00', '2024-05-01 00:00+00', 'DAY') as h;
    seen := seen || (select jsonb_agg(jsonb_build_array(extract(epoch from lower(u.period)), extract(epoch from upper(u.period)), u.usage))
        from credit_usage(ledger, 'chat', '2024-01-15 00:00+00', '2024-05-01 00:00+00', 'WEEK') as u);
    seen := seen || (select jsonb_agg(jsonb_build_array(b.name, b.amount, b.balance, extract(epoch from b.expires_at)))
        from generate_series('2024-01-01 00:00+00', '2024-05-01 00:00+00', interval '13 hours') as t, pg_temp.balances(ledger, t) as b);
    return seen || (select jsonb_agg(e - '{id,featureID,ledgerID,parentID,createdAt,updatedAt}'::text[])
        from jsonb_array_elements(credit_balance(ledger, '2024-03-06 00:00+00') -> 'grantBalances') as e);
end;
$$;
call pg_temp.run('in UTC');
select pg_temp.seen('in UTC') as seen \gset
select jsonb_array_length(:'seen') > 300 as much;
set local timezone = 'Asia/Kolkata';
call pg_temp.run('in Kolkata');
select pg_temp.seen('in Kolkata') = :'seen' as same;
select pg_temp.seen('in UTC') = :'seen' as same;
select name, amount, balance, expires_at from pg_temp.balances('in Kolkata', '2024-03-06');
set local timezone = 'America/New_York';
call pg_temp.run('in New York');
select pg_temp.seen('in New York') = :'seen' as same;
set local timezone = 'UTC';
select pg_temp.seen('in New York') = :'seen' as same;
-- A month is one in UTC, from a midnight elsewhere too.
select expires_at at time zone 'UTC' as ends from credit_create_grant('acme', 'chat', 1, effective_at => '2024-03-01 00:00 Europe/Berlin', expires_after => '1 month');
-- Dates are shown in the style of the session; documents are not.
set local datestyle = 'German';
set local intervalstyle = 'iso_8601';
select pg_temp.seen('in New York') = :'seen' as same;
select g.expires_after, g.expires_at from credit_list_grants('{in UTC}') as g where g.expires_after is not null and g.parent_id is null;
rollback;
