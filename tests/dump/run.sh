#!/usr/bin/env bash
# Dumps a database with the extension and restores it in each way there is: the answers must be the same, the stamps
# new, and the restored database must go on.
# usage: tests/dump/run.sh        (bin/test dump; the private cluster of CREDIT_CLUSTER must run)
. "$(dirname "$0")/../../bin/lib.sh"
here=$ROOT/tests/dump
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
connection=(-h "$SOCKET_DIR" -p "$PORT" -U postgres)
source=credit_dump_source target=credit_dump_target

# Names and text are of every kind; nothing may hang on the locale of whoever restores.
fresh_database "$source"
psql -d "$source" -c 'CREATE EXTENSION credit'
psql -d "$source" -o /dev/null -f "$here/fill.sql" -c 'SET credit.snapshot_interval = 1' -c 'SELECT credit_maintain()'
[ "$(psql -d "$source" -Atc 'SELECT count(*) > 0 FROM credit.snapshots')" = t ] || fail "there are no snapshots to leave out"
psql -d "$source" -At -f "$here/answers.sql" >"$work/wanted"
[ "$(wc -l <"$work/wanted")" -gt 2000 ] || fail "there is too little to compare: $(wc -l <"$work/wanted") lines"

dump() { "$PG_BIN/pg_dump" "${connection[@]}" -d "$source" "$@"; }
restore() { "$PG_BIN/pg_restore" "${connection[@]}" --exit-on-error -d "$target" "$@"; }

plain() { dump | psql -d "$target" -o /dev/null; }
as_inserts() { dump --inserts | psql -d "$target" -o /dev/null; }
in_parallel() { dump -Fd -j 2 -f "$work/directory" && restore -j 2 "$work/directory"; }
data_only() { # into a database that has the extension, past its triggers
  psql -d "$target" -c 'CREATE EXTENSION credit'
  dump -Fc --data-only -f "$work/data" && restore --data-only --disable-triggers "$work/data"
}

for way in plain as_inserts in_parallel data_only; do
  fresh_database "$target"
  before=$(psql -d postgres -Atc 'SELECT pg_current_xact_id()')
  "$way"
  [ "$(psql -d "$target" -Atc 'SELECT count(*) FROM credit.snapshots')" = 0 ] || fail "$way: snapshots came along"
  psql -d "$target" -At -f "$here/answers.sql" >"$work/$way"
  diff -u "$work/wanted" "$work/$way" | head -n 40 >"$work/diff" || true
  [ ! -s "$work/diff" ] || { cat "$work/diff" >&2 && fail "$way: the restored database answers differently"; }
  psql -d "$target" -o /dev/null -v before="$before" -f "$here/after.sql" || fail "$way: the restored database does not go on"
done
