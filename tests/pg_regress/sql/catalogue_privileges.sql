-- What everybody may call: nothing that writes.
select p.proname as "open to all", p.provolatile as volatility
from pg_proc p
where (p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%')
  and has_function_privilege('public', p.oid, 'execute')
order by p.proname collate "C";

select p.proname as "not open to all"
from pg_proc p
where (p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%')
  and not has_function_privilege('public', p.oid, 'execute')
order by p.proname collate "C";

-- Tables, the sequence and their schema are open to nobody.
select c.relname
from pg_class c
where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'v', 'S')
  and (has_table_privilege('public', c.oid, 'select, insert, update, delete, truncate')
    or c.relkind = 'S' and has_sequence_privilege('public', c.oid, 'usage, select, update'));
select has_schema_privilege('public', 'credit', 'usage, create');

-- The extension brings neither roles nor policies.
select polname from pg_policy;
