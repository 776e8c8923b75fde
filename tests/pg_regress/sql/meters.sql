begin;
select slug, aggregation, group_by from credit_create_meter('tokens');
select slug, aggregation, group_by
from credit_create_meter('calls', aggregation => 'COUNT', group_by => '{region,model}');
-- Subscripts of the caller's array are not kept.
select slug, group_by from credit_create_meter('minutes', group_by => '[0:1]={b,a}');
select slug, aggregation, group_by from credit_get_meter('calls');
select slug from credit_list_meters();
select slug from credit_list_meters(row_limit => 1);
select slug from credit_list_meters(row_limit => 1, row_offset => 1);
select slug from credit_list_meters(row_limit => 0);
-- Ids are in the order of creation.
select slug from credit_list_meters() order by id;
rollback;
