#!/usr/bin/env bash
# What partitioning credit.usage_events by time would give and take: two plain tables of its shape with the same events,
# one of them in 12 monthly partitions. Medians of many calls on one connection; nothing of the extension is used.
# usage: tests/retention/partitions.sh [EVENTS [STREAMS]]     (default 3,000,000 of 3,000)
CREDIT_CLUSTER=${CREDIT_CLUSTER:-${CARGO_TARGET_DIR:-target}/retention-cluster}
export CREDIT_CLUSTER
. "$(dirname "$0")/../../bin/lib.sh"
events=${1:-3000000} streams=${2:-3000}
database=credit_partitions
work=$(mktemp -d)
chmod 755 "$work"
trap 'bin/cluster stop 2>/dev/null || true; rm -rf "$work"' EXIT
bin/cluster start -c fsync=on -c synchronous_commit=off -c shared_buffers=2GB -c max_wal_size=8GB -c autovacuum=off
fresh_database "$database"
sql() { psql -d "$database" -At "$@"; }
seconds() {
  local from=$EPOCHREALTIME
  "${@:2}" >/dev/null
  awk -v from="$from" -v to="$EPOCHREALTIME" -v what="$1" 'BEGIN { printf "%-66s %9.2f s\n", what, to - from }'
}
latency() { # latency WHAT SCRIPT
  local tps
  tps=$("$PG_BIN/pgbench" -h "$SOCKET_DIR" -p "$PORT" -U postgres -n -M prepared -c 1 -T 8 -f "$2" "$database" |
    sed -n 's/^latency average = \([0-9.]*\) ms/\1/p')
  printf '%-66s %9.1f µs\n' "$1" "$(awk -v ms="$tps" 'BEGIN { print ms * 1000 }')"
}

# xids ascend with time, as those of events that come in order.
sql -o /dev/null <<SQL
CREATE TABLE plain (stream_id bigint NOT NULL, xid xid8 NOT NULL, occurred_at timestamptz NOT NULL, dims_id bigint, value numeric NOT NULL);
CREATE TABLE parted (LIKE plain) PARTITION BY RANGE (occurred_at);
SELECT format('CREATE TABLE parted_%s PARTITION OF parted FOR VALUES FROM (%L) TO (%L)', n, '2024-01-01Z'::timestamptz + make_interval(months => n),
  '2024-01-01Z'::timestamptz + make_interval(months => n + 1)) FROM generate_series(0, 11) AS n \gexec
CREATE INDEX ON plain (stream_id, xid);
CREATE INDEX ON parted (stream_id, xid);
SQL
row="1 + n * 7919 % $streams, (1000 + n / 10)::text::xid8, '2024-01-01Z'::timestamptz + n * (interval '365 days' / $events), NULL::bigint, 0.001 * (1 + n % 997)"
for table in plain parted; do
  seconds "$table: INSERT … SELECT" sql -c "INSERT INTO $table SELECT $row FROM generate_series(1::bigint, $events) AS n ORDER BY n / 10000, 1"
done
sql -c 'VACUUM ANALYZE plain, parted' -o /dev/null
sql -c "SELECT format('%-66s %9s MB', 'plain: with index', pg_total_relation_size('plain') >> 20)"
sql -c "SELECT format('%-66s %9s MB', 'parted: with indexes', sum(pg_total_relation_size(inhrelid))::bigint >> 20) FROM pg_inherits WHERE inhparent = 'parted'::regclass"
for table in plain parted; do
  printf '%s\n' "\\set stream random(1, $streams)" "SELECT count(*) FROM $table WHERE stream_id = :stream AND xid >= '$((events / 10 + 500))'::xid8;" >"$work/tail_$table.sql"
  printf '%s\n' "\\set stream random(1, $streams)" "SELECT sum(value) FROM $table WHERE stream_id = :stream AND xid >= '$((events / 10 + 500))'::xid8 AND occurred_at >= '2024-12-01Z';" >"$work/pruned_$table.sql"
  printf '%s\n' "\\set stream random(1, $streams)" "INSERT INTO $table VALUES (:stream, '$((events / 10 + 900))'::xid8, '2024-12-15Z', NULL, 1);" >"$work/insert_$table.sql"
done
for table in plain parted; do latency "$table: the tail of a stream (beyond a snapshot, little or nothing)" "$work/tail_$table.sql"; done
for table in plain parted; do latency "$table: the same with a least time, where it can be known" "$work/pruned_$table.sql"; done
for table in plain parted; do latency "$table: INSERT of one event" "$work/insert_$table.sql"; done
seconds "plain: DELETE of 10 months" sql -c "DELETE FROM plain WHERE occurred_at < '2024-11-01Z'"
seconds "plain: VACUUM after it" sql -c 'VACUUM plain'
sql -c "SELECT format('%-66s %9s MB', 'plain: with index, after VACUUM', pg_total_relation_size('plain') >> 20)"
seconds "parted: DROP of 10 months" sql -c "DO \$\$ BEGIN FOR n IN 0..9 LOOP EXECUTE format('DROP TABLE parted_%s', n); END LOOP; END \$\$"
sql -c "SELECT format('%-66s %9s MB', 'parted: with indexes, after it', sum(pg_total_relation_size(inhrelid))::bigint >> 20) FROM pg_inherits WHERE inhparent = 'parted'::regclass"
