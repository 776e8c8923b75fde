-- Who writes is volatile and parallel unsafe, who reads stable. What is not written in Rust, nor
-- resolved when it is made, sets its search path. Nothing is strict: NULL is refused, not passed on.
-- Nothing runs with the rights of its owner by label.
select p.pronamespace::regnamespace::text = 'credit' as internal, p.proname,
    l.lanname as language,
    case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end
        as volatility,
    case p.proparallel when 'u' then 'unsafe' when 'r' then 'restricted' else 'safe' end
        as parallel,
    coalesce(array_to_string(p.proconfig, '; '), case when p.prosqlbody is not null then '-' end)
        as settings
from pg_proc p
join pg_language l on l.oid = p.prolang
where p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%'
order by 1, p.proname collate "C";

select p.proname from pg_proc p
where (p.pronamespace = 'credit'::regnamespace or p.proname like 'credit\_%')
  and (p.proisstrict or p.prosecdef);
