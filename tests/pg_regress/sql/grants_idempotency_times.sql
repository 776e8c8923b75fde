-- A time that was defaulted is not compared; a replay after a reset gives the first answer.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select to_jsonb(g) as first from credit_create_grant('acme', 'chat', 10, idempotency_key => 'now') as g \gset
select to_jsonb(g) = :'first' as same from credit_create_grant('acme', 'chat', 10, idempotency_key => 'now') as g;
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05', idempotency_key => 'now') as g;
select to_jsonb(g) as first from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05',
    rollover_type => 'REMAINING_AMOUNT', idempotency_key => 'then') as g \gset
do $$
begin
    perform credit_reset('acme', '2024-02-01');
end;
$$;
-- It is before the watermark now.
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', 'chat', 10, effective_at => '2024-01-05',
    rollover_type => 'REMAINING_AMOUNT', idempotency_key => 'then') as g;
-- And the feature may be archived.
select id as chat, name from credit_delete_feature('chat') \gset
select to_jsonb(g) = :'first' as same
from credit_create_grant('acme', :'chat', 10, effective_at => '2024-01-05',
    rollover_type => 'REMAINING_AMOUNT', idempotency_key => 'then') as g;
select amount, parent_id is not null as child from credit_list_grants('{acme}');
rollback;
