-- The functions that users call: their arguments are API.
\pset format unaligned
\pset tuples_only on
\pset recordsep '\n\n'
select format(E'%s(\n    %s\n) -> %s', p.proname,
    replace(pg_get_function_arguments(p.oid), ', ', E',\n    '), pg_get_function_result(p.oid))
from pg_proc p
where p.proname like 'credit\_%'
order by p.proname collate "C";

-- Nothing is overloaded.
select p.proname from pg_proc p
where p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%'
group by p.proname having count(*) > 1;

-- Every one of them can be told a namespace, as the last argument, and defaults to the setting.
select p.proname from pg_proc p
where p.proname like 'credit\_%'
  and pg_get_function_arguments(p.oid) not like '%namespace text DEFAULT NULL::text';
