begin;
select subject, metadata from credit_create_ledger('acme');
select subject, metadata, measure_from at time zone 'UTC' as measured_from_utc
from credit_create_ledger(
    'Müller & "Söhne" O''Hara 🙂', '{"plan": "pro", "seats": "5"}', '2024-01-01 01:00+01');
-- Measurement starts with the current hour of UTC, which is not a whole hour everywhere.
set local timezone = 'Asia/Kathmandu';
select extract(minute from measure_from at time zone 'UTC') as minute,
    extract(second from measure_from) as second,
    created_at - measure_from between '0 s' and '1 h' as this_hour
from credit_create_ledger('nepal');
-- It may lie in the future, and at the ends of the calendar.
select subject from credit_create_ledger('later', measure_from => '9999-12-31 23:59:59.999999+00');
select subject from credit_create_ledger('early', measure_from => '0001-01-01 00:00:00+00');
-- By subject and by id, in any case of its letters.
select subject from credit_get_ledger('Müller & "Söhne" O''Hara 🙂');
select l.subject
from credit.ledgers o, credit_get_ledger(o.id::text) l where o.subject = 'acme';
select l.subject
from credit.ledgers o, credit_get_ledger(upper(o.id::text)) l where o.subject = 'acme';
-- All ids of one subject share 32 of their bits.
select substr(replace(id::text, '-', ''), 17, 8)
    = substr(replace(credit.new_id('default', 'acme')::text, '-', ''), 17, 8) as shared
from credit_get_ledger('acme');
rollback;
