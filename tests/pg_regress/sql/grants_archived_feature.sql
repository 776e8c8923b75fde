-- An archived feature, found by its id, takes no grant.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select id as chat, name from credit_delete_feature('chat') \gset
create function pg_temp.refused(feature text) returns text language plpgsql as $$
declare detail text; hint text;
begin
    perform credit_create_grant('acme', feature, 1, effective_at => '2024-01-01');
    return 'accepted';
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return replace(concat_ws(' | ', sqlstate, sqlerrm, detail, hint), feature, '<feature>');
end;
$$;
select pg_temp.refused(:'chat');
select pg_temp.refused('chat');
rollback;
