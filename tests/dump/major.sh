#!/usr/bin/env bash
# From one major version of PostgreSQL to a newer one, by pg_upgrade and by the newer pg_dump: the answers must be the
# same and the database must go on. Both have the extension installed.
# usage: tests/dump/major.sh PG_CONFIG        (of the newer version; a cluster in CREDIT_CLUSTER comes and goes)
. "$(dirname "$0")/../../bin/lib.sh"
here=$ROOT/tests/dump
[ -n "${CREDIT_CLUSTER:-}" ] || fail "CREDIT_CLUSTER must name a cluster that nobody uses"
old_bin=$PG_BIN old_major=$PG_MAJOR old_port=$PORT
new_bin=$(dirname "$1")
new_major=$("$1" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
old=(env "PG_CONFIG=$PG_CONFIG") new=(env "PG_CONFIG=$1")
source=credit_major_source target=credit_major_target

work=$(mktemp -d)
remove() {
  rm -rf "$work"
  "${new[@]}" bin/cluster stop 2>/dev/null || true
  "${old[@]}" bin/cluster remove 2>/dev/null || true
}
trap remove EXIT
remove
mkdir "$work"

answers() { psql -d "$1" -At -f "$here/answers.sql" >"$work/answers"; }
same() { # same WHAT DATABASE [FILE with what is wanted]
  answers "$2"
  diff -u "${3:-$work/wanted}" "$work/answers" | head -n 40 >"$work/diff" || true
  [ ! -s "$work/diff" ] || { cat "$work/diff" && fail "$1: other answers"; }
}
is() { # is WHAT DATABASE CONDITION
  [ "$(psql -d "$2" -Atc "SELECT $3")" = t ] || fail "$1: not true: $3"
}

# --- the old cluster --------------------------------------------------------------------------------------------------
"${old[@]}" bin/cluster start -c fsync=off
fresh_database "$source"
psql -d "$source" -c 'CREATE EXTENSION credit'
psql -d "$source" -o /dev/null -f "$here/fill.sql" -c 'SET credit.snapshot_interval = 1' -c 'SELECT credit_maintain()'
answers "$source"
cp "$work/answers" "$work/wanted"
is "there are snapshots" "$source" 'count(*) > 0 FROM credit.snapshots'
snapshots=$(psql -d "$source" -Atc 'SELECT count(*) FROM credit.snapshots')
for format in plain custom; do
  "$new_bin/pg_dump" -h "$SOCKET_DIR" -p "$PORT" -U postgres -d "$source" -F "$format" -f "$work/$format"
done
# What a server from 15.20 on notes at each column is an error to servers of before November 2026, and pg_upgrade from
# it to one of those fails, whatever is in the tables. Where the newer version is so old, the cluster becomes like one
# that was made before 15.20: it has no such notes.
if ! grep -q pg_attver "$new_bin/pg_dump"; then
  psql -d "$source" -c "UPDATE pg_catalog.pg_attribute SET attoptions =
    (SELECT array_agg(o) FROM unnest(attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%') WHERE attoptions IS NOT NULL"
fi
"${old[@]}" bin/cluster stop

# --- pg_upgrade -------------------------------------------------------------------------------------------------------
cluster=$(readlink -f "$CLUSTER")
"${new[@]}" bin/cluster start
"${new[@]}" bin/cluster stop
# from 18 on clusters have checksums unless told otherwise
if as_server_user "$new_bin/pg_controldata" "$cluster/data-$new_major" | grep -q 'checksum version: *[1-9]'; then
  as_server_user "$old_bin/pg_checksums" --enable --no-sync "$cluster/data-$old_major"
fi
PORT=$((28800 + new_major))
# it writes into its working directory
as_server_user env -C "$cluster" "$new_bin/pg_upgrade" --old-bindir "$old_bin" --new-bindir "$new_bin" \
  --old-datadir "$cluster/data-$old_major" --new-datadir "$cluster/data-$new_major" --username postgres \
  --old-port "$old_port" --new-port "$PORT" --socketdir "$cluster" --no-sync || {
  as_server_user find "$cluster" -path '*pg_upgrade_output.d*' -name '*.log' -exec tail -n 15 {} +
  fail "pg_upgrade did not succeed" "see above"
}
PG_BIN=$new_bin
"${new[@]}" bin/cluster start -c fsync=off

# The snapshots came along, their transaction ids mean the same as before, and they are of another cluster: passed over.
is "pg_upgrade" "$source" "count(*) = $snapshots AND bool_and(s.system_identifier <> c.system_identifier)
  FROM credit.snapshots AS s, pg_control_system() AS c"
same "after pg_upgrade" "$source"
before=$(psql -d postgres -Atc 'SELECT pg_current_xact_id()')
is "the transaction ids go on" "$source" "max(xid) < '$before' FROM credit.usage_events"
psql -d "$source" -o /dev/null -v before=0 -f "$here/after.sql"
answers "$source"
cp "$work/answers" "$work/went-on"
psql -d "$source" -o /dev/null -c 'SET credit.snapshot_interval = 1; SELECT credit_maintain()'
is "credit_maintain" "$source" 'count(*) > 0
  FROM credit.snapshots AS s JOIN pg_control_system() AS c ON s.system_identifier = c.system_identifier'
same "with snapshots of both clusters" "$source" "$work/went-on"
psql -d "$source" -c 'DELETE FROM credit.snapshots'
same "without snapshots" "$source" "$work/went-on"

# --- dump and restore -------------------------------------------------------------------------------------------------
for format in plain custom; do
  fresh_database "$target"
  before=$(psql -d postgres -Atc 'SELECT pg_current_xact_id()')
  case $format in
    plain) psql -d "$target" -o /dev/null -f "$work/plain" ;;
    custom) "$PG_BIN/pg_restore" -h "$SOCKET_DIR" -p "$PORT" -U postgres --exit-on-error -j 2 -d "$target" "$work/custom" ;;
  esac
  is "snapshots are not dumped" "$target" 'count(*) = 0 FROM credit.snapshots'
  same "restored from $format" "$target"
  psql -d "$target" -o /dev/null -v before="$before" -f "$here/after.sql"
done
