-- Holds as of other times: open ones count from their time to their end; what has ended counts as
-- what it became, at any time.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01') is null as failed;
select credit_reserve('acme', 'chat', 10, '1 hour') as hour \gset
select credit_reserve('acme', 'chat', 30, '1 day') as day \gset
select held_at as made, expires_at as ends from credit.holds where id = :'hour' \gset
create function pg_temp.at(at timestamptz) returns text language sql stable as $$
select format('held %s, available %s', held, available) from credit_feature_balances('acme', at) where available = credit_available('acme', 'chat', at.at)
$$;
select pg_temp.at('2024-02-01') as before, pg_temp.at(:'made') as at_it, pg_temp.at(:'made'::timestamptz + '1 microsecond') as after_it;
select pg_temp.at(:'ends'::timestamptz - interval '1 microsecond') as before_its_end, pg_temp.at(:'ends') as at_its_end, pg_temp.at(:'ends'::timestamptz + '2 days') as later;
select credit_settle(:'day', 25) is null as failed;
select pg_temp.at('2024-02-01') as before, pg_temp.at(:'made'::timestamptz + '1 second') as after_it, pg_temp.at(:'ends') as at_its_end;
select credit_release(:'hour') is null as failed;
select pg_temp.at('2024-02-01') as before, pg_temp.at(:'made'::timestamptz + '1 second') as after_it, pg_temp.at(:'ends') as at_its_end;
rollback;
