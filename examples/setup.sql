-- What the examples stand on: a shop that sells credits, three customers, and a role that may spend and nothing else.
-- Run it once, as a superuser, in a database of its own:  psql -d shop -v ON_ERROR_STOP=1 -f examples/setup.sql
\set QUIET on
\pset format unaligned
\pset tuples_only on
\o /dev/null
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
SELECT credit_create_meter('tokens', group_by => '{model}');
SELECT credit_create_feature('assistant', 'tokens');
SELECT credit_create_ledger(subject) FROM unnest('{acme,globex,initech}'::text[]) AS subject;
SELECT credit_create_grant('acme', 'assistant', 100);
SELECT credit_create_grant('globex', 'assistant', 10);
-- the largest amount, and the smallest
SELECT credit_create_grant('initech', 'assistant', 999999999999999.999999999999);
SELECT credit_create_grant('initech', 'assistant', 0.000000000001);
CREATE TABLE orders (id text PRIMARY KEY, customer text NOT NULL, credits numeric NOT NULL);

SELECT 'CREATE ROLE shop LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop')
\o
\gexec
GRANT SELECT, INSERT ON orders TO shop;
GRANT USAGE ON SCHEMA credit TO shop;
GRANT SELECT ON credit.ledgers TO shop;
GRANT EXECUTE ON FUNCTION credit_consume, credit_try_consume, credit_reserve, credit_settle,
    credit_release, credit_ingest_arrays TO shop;
COMMIT;
