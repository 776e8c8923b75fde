-- The table of events has no CHECK: what the owner writes by hand, and no balance can be computed
-- from, is refused when it is read, and by every function that would read it.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select credit_ingest('acme', 'tokens', 1, '2024-01-02');
savepoint clean;
insert into credit.usage_events (stream_id, occurred_at, value) select id, '2024-01-02', 1e-13 from credit.streams;
select credit_available('acme', 'chat', '2024-01-03');
\echo :LAST_ERROR_SQLSTATE
rollback to clean;
insert into credit.usage_events (stream_id, occurred_at, value) select id, '2024-01-02', 'NaN' from credit.streams;
select credit_balance('acme', '2024-01-03');
\echo :LAST_ERROR_SQLSTATE
rollback to clean;
-- Out of the measured time it is not read.
insert into credit.usage_events (stream_id, occurred_at, value) select id, 'infinity', 1 from credit.streams;
insert into credit.usage_events (stream_id, occurred_at, value) select id, '-infinity', 1 from credit.streams;
select credit_available('acme', 'chat', '2024-01-03');
rollback;
