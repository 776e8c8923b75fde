-- Reads look at open holds only, however many have ended, and however they did.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 1000, effective_at => '2024-01-01') is null as failed;
create function pg_temp.looked_at() returns text language plpgsql as $$
declare
    before bigint := (select idx_tup_fetch from pg_stat_xact_user_tables where relid = 'credit.holds'::regclass);
    available numeric := credit_available('acme', 'chat');
    looked_at bigint := (select idx_tup_fetch from pg_stat_xact_user_tables where relid = 'credit.holds'::regclass) - before;
begin
    return format('available %s, looked at fewer than %s', available, case when looked_at < 40 then '40' else looked_at::text end);
end;
$$;
select credit_reserve('acme', 'chat', 5, '1 day') as first \gset
-- Settled one by one, beside one that stays open.
do $$ begin for n in 1..1000 loop perform credit_settle(credit_reserve('acme', 'chat', 1), 0); end loop; end $$;
select pg_temp.looked_at();
-- All made before the first ends.
create temp table made as select credit_reserve('acme', 'chat', 0.5, '2 days') as hold from generate_series(1, 500);
select held, available from credit_feature_balances('acme');
do $$ declare made record; begin for made in select hold from made loop perform credit_release(made.hold); end loop; end $$;
select pg_temp.looked_at();
-- Forgotten until their time is over: the next change finds out.
do $$ begin for n in 1..500 loop perform credit_reserve('acme', 'chat', 1, '300 milliseconds'); end loop; end $$;
select pg_sleep(0.3);
select credit_available('acme', 'chat');
select available from credit_consume('acme', 'chat', 1);
select pg_temp.looked_at();
select count(*), sum(amount) from credit_list_holds('acme');
select state, count(*) from credit_list_holds('acme', include_closed => true) group by state order by state;
-- The lists change no answer.
set local session_replication_role = replica;
delete from credit.hold_lists;
reset session_replication_role;
select held, available from credit_feature_balances('acme');
select amount, available from credit_settle(:'first', 5);
select held, available from credit_feature_balances('acme');
select count(*) from credit.hold_lists;
rollback;
