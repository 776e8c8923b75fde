-- A replay gives the first answer, whatever the balance is by then; with other content it is refused.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
do $$
begin
    perform credit_create_feature('large', 'tokens', '{"model": "large"}');
    perform credit_create_grant('acme', 'large', 10, effective_at => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
    perform credit_create_ledger('initech', measure_from => '2024-01-01');
    perform credit_create_grant('initech', 'large', 10, effective_at => '2024-01-01');
end;
$$;
create temp table answers as
select c.* from credit_consume('acme', 'large', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}') as c;
select credit_ingest('acme', 'tokens', 100, '2024-01-01', '{"model": "large"}');
select pg_temp.facts() as facts \gset
insert into answers select c.* from credit_consume('acme', 'large', 9.0, 'k', '{"region": "eu"}', metadata => '{"call": "1"}') as c;
insert into answers select c.* from credit_get_feature('large') as f, credit_consume('acme', f.id::text, 9, 'k', '{"region": "eu", "model": "large"}', 5, metadata => '{"call": "1"}') as c;
insert into answers select t.spend_id, t.amount, t.balance, t.available, t.burned, t.occurred_at, t.replayed
from credit_try_consume('acme', 'large', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}') as t where t.allowed;
select count(*), amount, balance, available, replayed, jsonb_array_length(burned) as payers from answers group by 2, 3, 4, 5, 6 order by 1;
select count(distinct (spend_id, burned, occurred_at)) as answers from answers;
select amount, replayed from credit_consume('acme', 'large', 9, 'k', null, metadata => null);
-- Other content.
select credit_consume('initech', 'large', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}');
select credit_consume('acme', 'chat', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}');
select credit_consume('acme', 'large', 8, 'k', '{"region": "eu"}', metadata => '{"call": "1"}');
select credit_consume('acme', 'large', 9, 'k', '{"region": "us"}', metadata => '{"call": "1"}');
select credit_consume('acme', 'large', 9, 'k', metadata => '{"call": "1"}');
select credit_consume('acme', 'large', 9, 'k', '{"region": "eu"}');
-- One scope with usage: a key of an event is not one of a spend.
select credit_ingest('acme', 'tokens', 9, dimensions => '{"region": "eu", "model": "large"}', idempotency_key => 'k');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.facts() = :'facts' as "nothing changed";
select credit_ingest('acme', 'tokens', 9, '2024-01-01', idempotency_key => 'event');
select credit_consume('acme', 'chat', 9, 'event', overdraft => 1000);
-- A key for a grant is another one.
select amount from credit_create_grant('acme', 'chat', 100, idempotency_key => 'k');
-- Nothing was spent: the key is free still.
select allowed from credit_try_consume('acme', 'large', 1, 'later');
select credit_consume('acme', 'large', 1, 'later');
select amount from credit_create_grant('acme', 'large', 130);
select allowed, amount, replayed from credit_try_consume('acme', 'large', 1, 'later');
select allowed, amount, replayed from credit_try_consume('acme', 'large', 1, 'later');
-- In part: what was asked for is compared.
select amount, available from credit_try_consume('acme', 'large', 1000, 'part', partial => true);
select amount, available, replayed from credit_try_consume('acme', 'large', 1000, 'part', partial => true);
select credit_try_consume('acme', 'large', 1, 'part', partial => true);
-- The feature is archived, and its name belongs to another one.
select name from credit_delete_feature('large');
select amount, replayed from credit_consume('acme', 'large', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}');
select name from credit_create_feature('large', 'tokens');
select amount, replayed from credit_consume('acme', 'large', 9, 'k', '{"region": "eu"}', metadata => '{"call": "1"}');
select credit_consume('acme', 'large', 1, overdraft => 0) is null as failed;
rollback;
