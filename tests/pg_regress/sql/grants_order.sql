-- Burn order: priority, then expiry (none last), then creation.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_grant('acme', 'chat', 1, p, '2024-01-01', expires_at => e,
        metadata => jsonb_build_object('name', n))
    from (values
        ('eighth', 200, '2024-02-01'::timestamptz), ('fifth', 1, '2024-03-01'),
        ('sixth', 1, null), ('seventh', 1, null), ('third', 1, '2024-02-01'),
        ('fourth', 1, '2024-02-01'), ('first', 0, null), ('second', null, '2024-01-15')) as v(n, p, e);
end;
$$;
select name, balance from pg_temp.balances('acme', '2024-01-02');
select credit_ingest('acme', 'tokens', 4.5, '2024-01-02');
select name, balance from pg_temp.balances('acme', '2024-01-03');
select name, amount from pg_temp.history('acme', '2024-01-02', '2024-01-03');
rollback;
