-- A debit before the last reset stays: it can only be voided at its own time.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', -4, effective_at => '2024-01-02', metadata => '{"name": "debit"}');
    perform credit_reset('acme', '2024-02-01', preserve_overage => true);
end;
$$;
select pg_temp.facts() as facts \gset
\set VERBOSITY sqlstate
select credit_void_grant(pg_temp.id_of('debit'));
select pg_temp.facts() = :'facts' as unchanged;
select * from pg_temp.totals('acme', '2024-02-01');
rollback;
