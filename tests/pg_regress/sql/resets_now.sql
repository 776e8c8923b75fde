-- A reset without a time is now; a retry under its key is answered with that time.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40);
end;
$$;
select credit_reset('acme', idempotency_key => 'k') as first \gset
select (:'first'::jsonb #>> '{reset,effectiveAt}')::timestamptz between now() and clock_timestamp() as by_the_clock,
    :'first'::jsonb #> '{grants,0,amount}' as child, :'first'::jsonb -> 'replayed' as replayed;
select credit_high_watermark('acme') = (:'first'::jsonb #>> '{reset,effectiveAt}')::timestamptz as watermark;
select r -> 'replayed' as replayed, r - 'replayed' = :'first'::jsonb - 'replayed' as same from credit_reset('acme', idempotency_key => 'k') as r;
select * from pg_temp.balances('acme');
select * from pg_temp.totals('acme');
rollback;
