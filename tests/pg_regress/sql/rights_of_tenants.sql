-- A policy on credit.ledgers keeps tenants apart, each in a namespace: no function goes round it.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
begin;
create role regress_credit_a;
create role regress_credit_b;
select credit.allow('regress_credit_a', 'administer'), credit.allow('regress_credit_b', 'administer');
-- A role is a tenant, and a namespace has its name.
create policy own on credit.ledgers using (namespace = current_user) with check (namespace = current_user);
create policy own on credit.meters using (namespace = current_user) with check (namespace = current_user);
create policy own on credit.features using (namespace = current_user) with check (namespace = current_user);
alter table credit.ledgers enable row level security;
alter table credit.meters enable row level security;
alter table credit.features enable row level security;

-- Both have the same things, made by themselves.
create procedure pg_temp.fill() language plpgsql as $$
begin
    perform set_config('credit.namespace', current_user, true);
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01 00:00+00');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01 00:00+00');
    perform credit_ingest('acme', 'tokens', 30, '2024-01-02 00:00+00', idempotency_key => 'key');
    perform credit_ingest_batch('[{"subject": "acme", "meter": "tokens", "value": 1}, {"subject": "acme", "meter": "tokens"}]');
    perform credit_ingest_arrays('{acme,acme}', '{tokens,tokens}');
    perform credit_consume('acme', 'chat', 4);
end;
$$;
set local role regress_credit_a;
call pg_temp.fill();
set local role regress_credit_b;
call pg_temp.fill();
select credit_reserve('acme', 'chat', 10) as hold_of_b \gset
select id as grant_of_b, ledger_id as ledger_of_b from credit_list_grants() \gset
select credit_available('acme', 'chat');
reset role;
select namespace, credit_available('acme', 'chat', namespace => namespace), (select count(*) from credit.usage_events e join credit.streams s on s.id = e.stream_id join credit.meters m on m.id = s.meter_id where m.namespace = l.namespace) as events
from credit.ledgers l order by 1;

-- What A is told of B, by each function.
create temporary table calls (call text);
insert into calls
select replace(replace(replace(call, 'LEDGER', :'ledger_of_b'), 'GRANT', :'grant_of_b'), 'HOLD', :'hold_of_b')
from (values
    ('credit_available(''acme'', ''chat'', namespace => ''regress_credit_b'')'),
    ('credit_available(''LEDGER'', ''chat'', namespace => ''regress_credit_b'')'),
    ('credit_available(''LEDGER'', ''chat'')'),
    ('credit_balance(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_check(''acme'', ''regress_credit_b'')'),
    ('credit_consume(''acme'', ''chat'', 1, namespace => ''regress_credit_b'')'),
    ('credit_consume_batch(''[{"ledger": "acme", "feature": "chat", "amount": 1}]'', ''regress_credit_b'')'),
    ('credit_create_feature(''images'', ''tokens'', namespace => ''regress_credit_b'')'),
    ('credit_create_grant(''acme'', ''chat'', 1, namespace => ''regress_credit_b'')'),
    ('credit_create_ledger(''umbrella'', namespace => ''regress_credit_b'')'),
    ('credit_create_ledger(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_create_meter(''calls'', namespace => ''regress_credit_b'')'),
    ('credit_delete_feature(''chat'', ''regress_credit_b'')'),
    ('credit_feature_balances(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_get_feature(''chat'', ''regress_credit_b'')'),
    ('credit_get_grant(''GRANT'', ''regress_credit_b'')'),
    ('credit_get_ledger(''acme'', ''regress_credit_b'')'),
    ('credit_get_meter(''tokens'', ''regress_credit_b'')'),
    ('credit_grant_balances(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_high_watermark(''acme'', ''regress_credit_b'')'),
    ('credit_history(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_ingest(''acme'', ''tokens'', namespace => ''regress_credit_b'')'),
    ('credit_ingest(''acme'', ''unknown'', namespace => ''regress_credit_b'')'),
    ('credit_ingest(''acme'', ''tokens'', idempotency_key => ''key'', namespace => ''regress_credit_b'')'),
    ('credit_ingest(''nobody'', ''tokens'', namespace => ''regress_credit_b'')'),
    ('credit_ingest(''LEDGER'', ''tokens'', namespace => ''regress_credit_b'')'),
    ('credit_ingest_arrays(''{acme}'', ''{tokens}'', namespace => ''regress_credit_b'')'),
    ('credit_ingest_batch(''[{"subject": "acme", "meter": "tokens"}]'', ''regress_credit_b'')'),
    ('credit_ledger_balances(namespace => ''regress_credit_b'')'),
    ('credit_ledger_balances(''chat'', namespace => ''regress_credit_b'')'),
    ('credit_ledger_balances(''unknown'', namespace => ''regress_credit_b'')'),
    ('credit_list_features(namespace => ''regress_credit_b'')'),
    ('credit_list_grants(namespace => ''regress_credit_b'')'),
    ('credit_list_grants(''{acme}'', namespace => ''regress_credit_b'')'),
    ('credit_list_holds(''acme'', namespace => ''regress_credit_b'')'),
    ('credit_list_ledgers(namespace => ''regress_credit_b'')'),
    ('credit_list_meters(namespace => ''regress_credit_b'')'),
    ('credit_maintain(''regress_credit_b'')'),
    ('credit_release(''HOLD'', ''regress_credit_b'')'),
    ('credit_reserve(''acme'', ''chat'', 1, namespace => ''regress_credit_b'')'),
    ('credit_reset(''acme'', namespace => ''regress_credit_b'')'),
    ('credit.reset_ledgers(''{acme}'', ''2024-02-01'', false, ''regress_credit_b'')'),
    ('credit_settle(''HOLD'', 1, namespace => ''regress_credit_b'')'),
    ('credit_try_consume(''acme'', ''chat'', 1, namespace => ''regress_credit_b'')'),
    ('credit_usage(''acme'', ''chat'', namespace => ''regress_credit_b'')'),
    ('credit_void_grant(''GRANT'', namespace => ''regress_credit_b'')')
) as c (call);
grant select on calls to regress_credit_a, regress_credit_b;
-- Procedures are called below, and no function is left out.
select p.proname as missing from pg_proc p
where p.proname like 'credit\_%' and p.prokind = 'f'
  and not exists (select from calls c where c.call like p.proname || '(%');
create function pg_temp.answer(call text) returns text language plpgsql as $$
declare
    answer text;
    rows bigint;
begin
    execute 'select min(x::text), count(*) from (select ' || call || ' as x) as a' into answer, rows;
    return case when rows = 0 then 'no rows' else 'ANSWERED ' || answer end;
exception when others then
    return sqlstate;
end;
$$;
-- An id differs in each run.
set local role regress_credit_a;
select regexp_replace(call, '[0-9a-f]{8}-[-0-9a-f]*', '…') as call, pg_temp.answer(call) as "what A is told" from calls;
-- Another setting is another namespace, and no other answer.
set local credit.namespace = 'regress_credit_b';
select pg_temp.answer('credit_available(''acme'', ''chat'')'), pg_temp.answer('credit_ingest(''acme'', ''tokens'')');
set local credit.namespace = 'regress_credit_a';
-- Of what is A's own, all of it works.
select call as "refused of its own", a.answer
from calls, pg_temp.answer(replace(call, '_b''', '_a''')) as a (answer)
where a.answer !~ '^ANSWERED' and call !~ 'unknown|nobody|delete|[0-9a-f]{8}-';
reset role;
-- Nothing of B has changed.
select credit_available('acme', 'chat', namespace => 'regress_credit_b'), count(*) from credit_list_grants(namespace => 'regress_credit_b') group by 1;
select count(*) as events from credit.usage_events e join credit.streams s on s.id = e.stream_id join credit.meters m on m.id = s.meter_id where m.namespace = 'regress_credit_b';

-- Instead of roles: a setting, which the application sets and its customers cannot.
create role regress_credit_application;
select credit.allow('regress_credit_application', 'spend');
create policy by_setting on credit.ledgers to regress_credit_application using (namespace = current_setting('app.tenant', true));
set local role regress_credit_application;
set local credit.namespace = 'regress_credit_a';
select credit_available('acme', 'chat');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
set local app.tenant = 'regress_credit_a';
select subject from credit_list_ledgers();
select credit_ingest('acme', 'tokens'), credit_ingest_batch('[{"subject": "acme", "meter": "tokens"}]');
set local app.tenant = 'regress_credit_b';
select credit_available('acme', 'chat');
\echo :LAST_ERROR_SQLSTATE
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
set local credit.namespace = 'regress_credit_b';
select subject from credit_list_ledgers();
select credit_ingest('acme', 'tokens');

-- A batch is told where it goes wrong, and a ledger that the statement itself makes is seen.
\set VERBOSITY terse
select credit_ingest_arrays('{acme,umbrella}', '{tokens,tokens}');
set local role regress_credit_a;
set local credit.namespace = 'regress_credit_a';
select credit_ingest_arrays('{acme,umbrella}', '{tokens,tokens}');
with made as materialized (select (credit_create_ledger('initech')).subject)
select credit_ingest(subject, 'tokens') from made;
-- A policy is not to be switched off.
set local row_security = off;
select credit_ingest('acme', 'tokens');
\echo :LAST_ERROR_SQLSTATE
reset row_security;
-- Without policies, or for who is not bound by them, usage may come before its ledger.
reset role;
set local credit.namespace = 'regress_credit_a';
select credit_ingest('later', 'tokens');
alter table credit.ledgers disable row level security;
set local role regress_credit_a;
select credit_ingest('later', 'tokens');
rollback;

-- A procedure that commits: it passes over what its caller does not see.
select slug from credit_create_meter('tokens');
select subject from credit_create_ledger('acme', measure_from => '2024-01-01Z');
select subject from credit_create_ledger('umbrella', measure_from => '2024-01-01Z');
create role regress_credit_resetter;
select credit.allow('regress_credit_resetter', 'administer');
create policy one on credit.ledgers to regress_credit_resetter using (subject = 'acme');
alter table credit.ledgers enable row level security;
set role regress_credit_resetter;
call credit_reset_all('2024-02-01Z');
reset role;
select subject, credit_high_watermark(subject) from credit_list_ledgers() order by 1;
drop policy one on credit.ledgers;
select credit.allow('regress_credit_resetter', 'nothing');
drop role regress_credit_resetter;
