-- A settlement for more than was held spends the difference now, while there is credit for it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01', metadata => '{"name": "A"}') is null as failed;
select credit_reserve('acme', 'chat', 60) as hold \gset
select available from credit_consume('acme', 'chat', 30);
select held, available from credit_feature_balances('acme');
create function pg_temp.said(hold uuid, amount numeric, overdraft numeric) returns text language plpgsql as $$
declare
    detail text;
begin
    perform credit_settle(hold, amount, overdraft);
exception when sqlstate 'UC301' then
    get stacked diagnostics detail = pg_exception_detail;
    return replace(detail, hold::text, '…');
end;
$$;
select pg_temp.said(:'hold', 71, 0);
select pg_temp.said(:'hold', 71.5, 1);
-- Nothing has changed: the hold is open.
select state from credit_list_holds('acme');
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid from credit_settle(:'hold', 72, 3);
select held, overage, available from credit_feature_balances('acme');
-- What was held is usage of then, the rest of now: what was available in between stays what it was.
select s.requested, s.amount, s.balance, s.available, s.occurred_at = h.held_at as at_the_hold, s.occurred_at = s.created_at as now
from credit.spends as s left join credit.holds as h on h.id = s.hold_id order by s.created_at, s.occurred_at;
select settled, e.spend_id = s.id as spend, e.excess_id = x.id as excess
from credit.hold_ends as e join credit.spends as s on s.id = e.spend_id join credit.spends as x on x.id = e.excess_id;
-- A replay gives both together.
select amount, balance, available, jsonb_path_query_array(burned, '$[*].amount') as paid, replayed from credit_settle(:'hold', 72);
rollback;
