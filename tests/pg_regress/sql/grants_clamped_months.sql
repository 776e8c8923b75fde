-- Months clamp to the last day, and a session's time zone does not matter.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
select expires_at from credit_create_grant('acme', 'chat', 1, effective_at => '2024-01-31 12:00',
    expires_after => '1 month');
select expires_at from credit_create_grant('acme', 'chat', 1, effective_at => '2024-02-29',
    expires_after => '1 year');
select expires_at from credit_create_grant('acme', 'chat', 1, effective_at => '2024-08-31',
    expires_after => '6 months');
-- Summer time begins in New York between the two: a day is 24 hours nevertheless.
set local timezone = 'America/New_York';
select effective_at, expires_at from credit_create_grant('acme', 'chat', 1,
    effective_at => '2024-03-10 00:00', expires_after => '1 day');
select effective_at, expires_at from credit_create_grant('acme', 'chat', 1,
    effective_at => '2024-01-31 23:00', expires_after => '1 month');
rollback;
