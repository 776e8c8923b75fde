-- The tables, and the key and the identity of each.
select c.relname as table,
    (select string_agg(a.attname, ', ' order by k.n)
     from pg_index i, unnest(i.indkey) with ordinality k (attnum, n), pg_attribute a
     where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum)
        as primary_key,
    case c.relreplident when 'f' then 'full' when 'd' then 'default' end as replica_identity
from pg_class c
where c.relnamespace = 'credit'::regnamespace and c.relkind = 'r'
order by 1;

select a.attrelid::regclass as table, a.attname as column,
    format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
from pg_attribute a
join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'c') and a.attnum > 0
order by c.relname, a.attnum;

-- No foreign keys and no other triggers than the one that refuses changes: restores load the tables
-- in any order.
select conname from pg_constraint
where connamespace = 'credit'::regnamespace and contype not in ('c', 'p', 'u', 'n');

select count(*) as tables, t.tgenabled = 'O' as origin_only,
    regexp_replace(pg_get_triggerdef(t.oid), 'ON credit\.\w+', 'ON …') as trigger
from pg_class c
left join pg_trigger t on t.tgrelid = c.oid
where c.relnamespace = 'credit'::regnamespace and c.relkind = 'r'
group by 2, 3;

-- Every table of facts is stamped; snapshots are none.
select count(*) as tables, pg_get_expr(d.adbin, d.adrelid) as xid
from pg_class c
left join pg_attribute a on a.attrelid = c.oid and a.attname = 'xid' and a.attgenerated = 's'
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'credit'::regnamespace and c.relkind = 'r'
group by 2;

-- pg_dump takes the rows of every table of facts and the state of the sequence along, all of them.
select c.relname as "not dumped"
from pg_class c
where c.relnamespace = 'credit'::regnamespace and c.relkind in ('r', 'S')
  and c.oid <> all (select unnest(extconfig) from pg_extension where extname = 'credit');

select array_agg(distinct condition) as conditions
from pg_extension, unnest(extcondition) condition
where extname = 'credit';
