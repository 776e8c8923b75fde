-- Names are UTF-8 inside of the extension: a database of another encoding is refused at once.
\set SHOW_CONTEXT never
CREATE DATABASE credit_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\c credit_latin1
CREATE EXTENSION credit;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_namespace WHERE nspname = 'credit';
\c credit_regress
DROP DATABASE credit_latin1;
