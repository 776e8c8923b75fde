#!/usr/bin/env bash
# Retires most of a year of usage, and tells what it took: the time to seal and to delete, what one event costs meanwhile,
# and the size before and after. The balances of all ledgers must be the same before, between and after; otherwise it
# fails. Not one of bin/test's suites: it takes some minutes.
# usage: tests/retention/run.sh [EVENTS [LEDGERS]]     (default 10,000,000 of 10,000)
CREDIT_CLUSTER=${CREDIT_CLUSTER:-${CARGO_TARGET_DIR:-target}/retention-cluster}
export CREDIT_CLUSTER
. "$(dirname "$0")/../../bin/lib.sh"
events=${1:-10000000} ledgers=${2:-10000}
database=credit_retention
work=$(mktemp -d)
chmod 755 "$work"
trap 'bin/cluster stop 2>/dev/null || true; rm -rf "$work"' EXIT

bin/cluster start -c fsync=on -c synchronous_commit=off -c shared_buffers=2GB -c max_wal_size=8GB -c autovacuum=off \
  -c maintenance_work_mem=512MB
fresh_database "$database"
sql() { psql -d "$database" -At "$@"; }
seconds() { # seconds WHAT COMMAND…
  local from=$EPOCHREALTIME
  "${@:2}" >/dev/null
  awk -v from="$from" -v to="$EPOCHREALTIME" -v what="$1" 'BEGIN { printf "%-58s %8.1f s\n", what, to - from }'
}
size() {
  sql -c "SELECT format('%-58s %8s MB + %s MB of indexes', '$1', pg_table_size('credit.usage_events') >> 20, pg_indexes_size('credit.usage_events') >> 20)"
}
answers() { # of times from the seal on, and before what is written meanwhile
  sql -c "SELECT md5(string_agg(b::text, ' ' ORDER BY b::text)) FROM unnest('{2024-10-15Z,2024-11-01Z,2024-11-20Z}'::timestamptz[]) AS t,
    credit_ledger_balances(at => t) AS b"
}
# What one event costs, each by itself; waits for a background job of its own.
cat >"$work/ingest.sql" <<'SQL'
\set ledger random(1, :ledgers)
SELECT credit_ingest('s' || :ledger, 'tokens', 1, '2024-12-01Z');
SQL
start_ingest() {
  "$PG_BIN/pgbench" -h "$SOCKET_DIR" -p "$PORT" -U postgres -n -M prepared -c 2 -j 1 -R 400 -T "$1" -D ledgers="$ledgers" \
    -l --log-prefix="$work/$2" -f "$work/ingest.sql" "$database" >/dev/null 2>&1 &
  ingest=$!
}
latency() { # of those that began while $2 < time <= $3: the latency is the third column, the end the fifth and sixth
  cat "$work/$1".* | awk -v from="$2" -v to="$3" '{ at = $5 + $6 / 1e6; if (at > from && at <= to) print $3 / 1000 }' | sort -n |
    awk -v what="one event: $4" '{ a[NR] = $1 } END {
      printf "%-58s %8.2f ms median, %.2f ms at 99 %%, %.1f ms at most (%d events)\n", what, a[int((NR + 1) / 2)], a[int(NR * 0.99)], a[NR], NR }'
}

sql -c 'CREATE EXTENSION credit' -o /dev/null
sql -o /dev/null <<SQL
SELECT credit_create_meter('tokens', group_by => '{model}');
SELECT credit_create_feature('assistant', 'tokens');
SELECT credit_create_feature('large', 'tokens', '{"model": "m1"}');
SELECT credit_create_ledger('s' || n, measure_from => '2024-01-01Z') FROM generate_series(1, $ledgers) AS n;
SELECT credit_create_grant('s' || n, 'assistant', 1000, effective_at => '2024-01-01Z', rollover_type => 'REMAINING_AMOUNT')
FROM generate_series(1, $ledgers) AS n;
SELECT credit_create_grant('s' || n, 'large', 10, effective_at => '2024-01-01Z', recurs_every => '1 month')
FROM generate_series(1, $ledgers) AS n;
SQL
cat >"$work/fill.sql" <<SQL
CREATE PROCEDURE fill() LANGUAGE plpgsql AS \$\$
DECLARE
  summary jsonb;
BEGIN
  FOR month IN 0..11 LOOP
    FOR part IN 0..($events / 12 / 10000) - 1 LOOP
      PERFORM credit_ingest_arrays(array_agg('s' || 1 + (n * 7919 + part) % $ledgers), array_agg('tokens'::text), array_agg(0.001 * (1 + n % 997)),
        array_agg('2024-01-01Z'::timestamptz + make_interval(months => month) + n * interval '250 seconds'), NULL,
        array_agg(jsonb_build_object('model', 'm' || n % 5)))
      FROM generate_series(1, 10000) AS n;
      COMMIT;
    END LOOP;
    IF month < 11 THEN
      CALL credit_reset_all('2024-01-01Z'::timestamptz + make_interval(months => month + 1), batch_size => 1000, summary => summary);
    END IF;
  END LOOP;
END
\$\$;
SET client_min_messages = warning;
CALL fill();
SQL
seconds "$events events of $ledgers ledgers are written, 11 resets each" sql -f "$work/fill.sql"
sql -c 'VACUUM ANALYZE' -o /dev/null
sql -c "SELECT format('%s events, %s before the seal', count(*), count(*) FILTER (WHERE occurred_at < '2024-10-15Z')) FROM credit.usage_events"
before=$(answers)
same() { [ "$(answers)" = "$before" ] || fail "$1 the balances are others"; }
size "before"

start_ingest 20 alone
from=$EPOCHREALTIME
wait "$ingest"
latency alone "$from" "$EPOCHREALTIME" "nothing else runs"
same "before anything,"

start_ingest 3600 during
sleep 2
from=$EPOCHREALTIME
seconds "sealed: 10.5 of 12 months" sql -c "CALL credit_retire('2024-10-15Z', delete_events => false)"
latency during "$from" "$EPOCHREALTIME" "while it is sealed"
same "sealed,"
from=$EPOCHREALTIME
seconds "deleted" sql -c "CALL credit_retire('2024-10-15Z')"
latency during "$from" "$EPOCHREALTIME" "while old ones are deleted"
from=$EPOCHREALTIME
seconds "VACUUM" sql -c 'VACUUM credit.usage_events'
latency during "$from" "$EPOCHREALTIME" "while VACUUM runs"
kill "$ingest" && wait "$ingest" 2>/dev/null || true
sql -c "DO \$\$ BEGIN ASSERT NOT EXISTS (SELECT FROM credit.usage_events WHERE occurred_at < '2024-10-15Z'), 'old events are left'; END \$\$"
size "after VACUUM"
sql -c "SELECT format('%-58s %8s MB', 'checkpoints', pg_total_relation_size('credit.checkpoints') >> 20)"
seconds "sealed again, with nothing to do" sql -c "CALL credit_retire('2024-10-15Z')"
same "without the events,"
sql -c "DELETE FROM credit.snapshots"
same "without snapshots,"
# REINDEX CONCURRENTLY and VACUUM FULL give the space back; without them it is used again.
seconds "REINDEX CONCURRENTLY" sql -c 'REINDEX TABLE CONCURRENTLY credit.usage_events'
size "after REINDEX"
