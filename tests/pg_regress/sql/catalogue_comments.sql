-- Everything that the extension owns, and every column of it, says what it is. (From PostgreSQL 17 on
-- it owns arrays and the row types of tables by themselves.)
select d.classid::regclass as kind, pg_describe_object(d.classid, d.objid, 0) as uncommented
from pg_depend d
where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  and d.refobjid = (select oid from pg_extension where extname = 'credit')
  and obj_description(d.objid, d.classid::regclass::text) is null
  and not exists (
    select from pg_type t left join pg_class c on c.oid = t.typrelid
    where d.classid = 'pg_type'::regclass and t.oid = d.objid
      and (t.typcategory = 'A' or c.relkind in ('r', 'v')))
order by 2;

select a.attrelid::regclass as relation, a.attname as uncommented
from pg_depend d
join pg_class c on c.oid = d.objid or c.reltype = d.objid
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  and d.refobjid = (select oid from pg_extension where extname = 'credit')
  and c.relkind in ('r', 'v', 'c')
  and col_description(a.attrelid, a.attnum) is null
order by 1, 2;

select t.tgrelid::regclass as relation, t.tgname as uncommented
from pg_trigger t
where t.tgrelid::regclass::text like 'credit.%' and not t.tgisinternal
  and obj_description(t.oid, 'pg_trigger') is null
order by 1, 2;

-- A comment is one paragraph.
select d.description
from pg_depend e
join pg_description d on d.classoid = e.classid and d.objoid = e.objid
where e.refclassid = 'pg_extension'::regclass and e.deptype = 'e'
  and e.refobjid = (select oid from pg_extension where extname = 'credit')
  and d.description ~ '\n';
