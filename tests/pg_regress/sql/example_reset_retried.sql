-- The monthly job, run again, is answered as it was the first time.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01',
        rollover_type => 'REMAINING_AMOUNT', metadata => '{"name": "A"}');
    perform credit_ingest('acme', 'tokens', 40, '2024-01-10');
end;
$$;
select credit_reset('acme', effective_at => '2024-02-01') as first \gset
select pg_temp.facts() as facts \gset
select credit_reset('acme', effective_at => '2024-02-01') as second \gset
select :'first'::jsonb -> 'replayed' as first, :'second'::jsonb -> 'replayed' as second,
    :'first'::jsonb - 'replayed' = :'second'::jsonb - 'replayed' as same;
select pg_temp.facts() = :'facts' as unchanged;
-- All there is in it, times of the clock and ids apart.
select jsonb_pretty(:'first'::jsonb #- '{reset,id}' #- '{reset,ledgerID}' #- '{reset,createdAt}'
    #- '{grants,0,id}' #- '{grants,0,parentID}' #- '{grants,0,ledgerID}' #- '{grants,0,featureID}');
select credit_high_watermark('acme');
rollback;
