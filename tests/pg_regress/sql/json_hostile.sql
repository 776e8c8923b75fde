-- JSON that a reader may take for something else, or not at all.
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/include/setup.sql
-- The key by which serde_json means a number of arbitrary precision is a key like any other.
\set magic '$serde_json::private::Number'
select subject from credit_create_ledger('magic', jsonb_build_object(:'magic', 'x'), '2024-01-01');
select slug from credit_create_meter('magic', group_by => array[:'magic']);
select name from credit_create_feature('magic', 'magic', jsonb_build_object(:'magic', '12'));
select amount, metadata
from credit_create_grant('magic', 'magic', 10, metadata => jsonb_build_object(:'magic', '1'));
select credit_ingest('magic', 'magic', 1, dimensions => jsonb_build_object(:'magic', '12'));
select credit_ingest('magic', 'magic', 2, dimensions => jsonb_build_object(:'magic', '13'));
select credit_ingest_batch(jsonb_build_array(jsonb_build_object('subject', 'magic', 'meter', 'magic',
    'value', 4, 'dimensions', jsonb_build_object(:'magic', '12'))));
select credit_available('magic', 'magic');
select b -> 'metadata' as metadata, b #> '{featureBalances,0,meterGroupByFilters}' as filters,
    b #> '{grantBalances,0,metadata}' as "metadata of the grant"
from credit_balance('magic') as b;
select amount, metadata from credit_list_grants('{magic}');
select credit_ingest_batch(jsonb_build_array(jsonb_build_object(:'magic', '1')));
select credit_ingest_batch(jsonb_build_object(:'magic', '1'));
-- Nested deeper than any reader's stack.
select credit_ingest_batch((repeat('[', 1000) || repeat(']', 1000))::jsonb);
select credit_ingest_batch(jsonb_build_array(jsonb_build_object(
    'subject', 'acme', 'meter', 'tokens', 'value', (repeat('[', 1000) || repeat(']', 1000))::jsonb)));
select credit_ingest_batch(jsonb_build_array(jsonb_build_object('subject', 'acme', 'meter', 'tokens',
    'dimensions', jsonb_build_object('model', (repeat('{"a": ', 1000) || '1' || repeat('}', 1000))::jsonb))));
select credit_ingest('acme', 'tokens', 1,
    dimensions => ('{"model": ' || repeat('[', 1000) || repeat(']', 1000) || '}')::jsonb);
select credit_create_grant('acme', 'chat', 1,
    metadata => ('{"a": ' || repeat('{"a": ', 1000) || '1' || repeat('}', 1000) || '}')::jsonb);
-- More members than an event can have, and more dimensions than its meter has.
select credit_ingest_batch(jsonb_build_array((select jsonb_object_agg('member ' || n, n) from generate_series(1, 1000) as n)));
select credit_ingest_batch(jsonb_build_array(jsonb_build_object('subject', 'acme', 'meter', 'tokens',
    'dimensions', (select jsonb_object_agg('member ' || n, n::text) from generate_series(1, 1000) as n))));
-- Every character but NUL.
select credit_ingest_batch('[{"subject": "\"\\\u0001\n\ud83d\ude00é", "meter": "tokens", "dimensions": {"model": "\""}}]');
select subject = e'"\\\x01\n\U0001F600é' as "as it was sent", dimensions
from credit.usage_events as e join credit.streams as s on s.id = e.stream_id join credit.dimension_sets as d on d.id = e.dims_id
where subject like '"%';
-- Numbers of any length.
select credit_ingest_batch(jsonb_build_array(jsonb_build_object(
    'subject', 'acme', 'meter', 'tokens', 'value', repeat('9', 10000)::numeric)));
select credit_ingest_batch(jsonb_build_array(jsonb_build_object(
    'subject', 'acme', 'meter', 'tokens', 'value', ('1.' || repeat('0', 10000))::numeric)));
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens", "value": 1e-12}]');
select credit_ingest_batch('[{"subject": "acme", "meter": "tokens", "value": -0}]');
select sum(usage) from credit_usage('acme', 'chat', '2024-01-01');
rollback;
