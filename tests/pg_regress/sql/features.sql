begin;
select slug from credit_create_meter('tokens', group_by => '{region,model}');
select name, meter_slug, meter_group_by_filters, archived_at, updated_at = created_at as unchanged
from credit_create_feature('chat', 'tokens');
select name, meter_group_by_filters
from credit_create_feature('chat EU', 'tokens', '{"region": "eu", "model": "large"}');
-- No filter and an empty set of filters are the same.
select name, meter_group_by_filters from credit_create_feature('all', 'tokens', '{}');
-- By name and by id, in any case of its letters.
select name from credit_get_feature('chat');
select f.name
from credit.features o, credit_get_feature(o.id::text) f where o.name = 'chat';
select f.name
from credit.features o, credit_get_feature(upper(o.id::text)) f where o.name = 'chat EU';
select name from credit_list_features();
select name from credit_list_features(order_by => 'name');
select name from credit_list_features(order_by => 'id', row_limit => 1, row_offset => 1);
rollback;
