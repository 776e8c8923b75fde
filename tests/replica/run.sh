#!/usr/bin/env bash
# A hot standby of the private cluster, while everything writes: it answers as the primary does at the same place of the
# log, refuses to write, and goes on when it is promoted.
# usage: tests/replica/run.sh SOCKET-DIRECTORY      (bin/test replica; of the primary. CREDIT_CLUSTER is the standby's)
. "$(dirname "$0")/../../bin/lib.sh"
here=$ROOT/tests/replica
primary_socket=$1
[ "$primary_socket" != "$SOCKET_DIR" ] || fail "CREDIT_CLUSTER must name a cluster that nobody uses"
database=credit_replica
work=$(mktemp -d)
load='' law=''
end() {
  [ -z "$load$law" ] || kill -9 $load $law 2>/dev/null || true
  bin/cluster remove 2>/dev/null || true
  SOCKET_DIR=$primary_socket psql -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
bin/cluster remove 2>/dev/null

standby() { psql -d $database "$@"; }
primary() { SOCKET_DIR=$primary_socket standby "$@"; }
(SOCKET_DIR=$primary_socket fresh_database $database)
primary -o /dev/null -c 'CREATE EXTENSION credit' -f "$here/fill.sql"

# --- the standby ------------------------------------------------------------------------------------------------------
# A directory for it as bin/cluster wants it; then what the primary has takes the place of what initdb made.
bin/cluster start
data=$(psql -d postgres -Atc 'SHOW data_directory')
bin/cluster stop
as_server_user rm -rf "$data"
as_server_user "$PG_BIN/pg_basebackup" -D "$data" -R -X stream --checkpoint=fast --no-sync \
  -h "$primary_socket" -p "$PORT" -U postgres
bin/cluster start -c fsync=off -c max_prepared_transactions=50 -c hot_standby_feedback=on -c max_standby_streaming_delay=-1
[ "$(standby -Atc 'SELECT pg_is_in_recovery()')" = t ] || fail "this is no standby"

# --- it answers the same, however far it is ---------------------------------------------------------------------------
bench() { # bench SOCKET-DIRECTORY NAME OPTION…: in the background, its process id in $!
  local socket=$1 log=$work/$2.log
  shift 2
  PGAPPNAME=replica_test "$PG_BIN/pgbench" -h "$socket" -p "$PORT" -U postgres -n -P 1 -T 600 "$@" $database >"$log" 2>&1 &
}
bench "$primary_socket" load -c 4 -R 300 -f "$here/load.sql"
load=$!
bench "$SOCKET_DIR" law -c 1 -R 100 -f "$here/law.sql"
law=$!
alive() { kill -0 "$1" 2>/dev/null || { cat "$work/$2.log" && fail "$3"; }; }

# The writers stand still, some in the middle of a transaction, and the standby has seen what they did.
freeze() {
  kill -STOP $load
  until [ "$(primary -Atc "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'replica_test' AND state = 'active'")" = 0 ]; do
    sleep 0.02
  done
  local place
  place=$(primary -Atc 'SELECT pg_current_xact_id()' -c 'SELECT pg_current_wal_lsn()' | tail -n 1)
  until [ "$(standby -Atc "SELECT pg_last_wal_replay_lsn() >= '$place'")" = t ]; do sleep 0.02; done
  now=$(primary -Atc "SELECT clock_timestamp() + interval '1 second'")
}
answers() { "$1" -At -v now="$now" -f "$here/answers.sql"; }
without_snapshots() {
  "$1" -At -v now="$now" -c 'BEGIN' -c 'DELETE FROM credit.snapshots' -f "$here/answers.sql" -c 'ROLLBACK'
}
same() { # same WHAT WANTED FOUND
  diff -u "$work/$2" "$work/$3" | cut -c 1-300 | head -n 20 >"$work/diff" || true
  [ ! -s "$work/diff" ] || { cat "$work/diff" && fail "$1: other answers"; }
}
in_the_middle=0
for round in 1 2 3 4 5; do
  sleep 1.5
  alive $load load "the load has ended"
  alive $law law "the standby contradicts itself"
  freeze
  open=$(primary -Atc "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'replica_test' AND backend_xid IS NOT NULL")
  in_the_middle=$((in_the_middle + open))
  without_snapshots primary >"$work/wanted"
  answers primary >"$work/primary"
  answers standby >"$work/standby"
  same "the primary with its snapshots" wanted primary
  same "the standby, round $round" wanted standby
  [ $round = 5 ] || kill -CONT $load
done
[ "$(wc -l <"$work/wanted")" -gt 1000 ] || fail "there is too little to compare: $(wc -l <"$work/wanted") lines"
[ $in_the_middle -gt 0 ] || fail "no transaction was open when the answers were compared"
[ "$(standby -Atc 'SELECT count(*) > 8 FROM credit.snapshots')" = t ] || fail "the standby has no snapshots to use"
# it reads everything, once for each snapshot: not in every round
[ "$(standby -Atc 'SELECT count(*) FROM credit_list_ledgers() AS l, credit_check(l.subject)')" = 0 ] ||
  fail "credit_check finds on the standby that its snapshots are wrong"
alive $law law "the standby contradicts itself"
grep -q '^progress: .* [1-9][0-9.]* tps' "$work/law.log" || { cat "$work/law.log" && fail "nobody asked the standby"; }
kill -9 $law
wait $law || true
law=''

# --- it refuses to write ----------------------------------------------------------------------------------------------
standby -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate -f "$here/refused.sql" >"$work/refused" 2>&1 || true
calls=$(grep -c -E '^(SELECT|CALL|DELETE)' "$here/refused.sql")
[ "$(grep -c 'ERROR:  25006$' "$work/refused")" = "$calls" ] && [ "$(wc -l <"$work/refused")" = "$calls" ] ||
  { cat "$work/refused" && fail "not every one of $calls writes is refused with 25006"; }
answers standby >"$work/standby"
same "after the refused writes" wanted standby

# Both files know every function.
forgotten=$(standby -Atc "SELECT proname, provolatile FROM pg_proc WHERE proname LIKE 'credit\\_%'" |
  while IFS='|' read -r name volatility; do
    file=$here/$([ "$volatility" = v ] && echo refused || echo answers).sql
    grep -q -w "$name" "$file" "$here/run.sh" || echo "$name"
  done)
[ -z "$forgotten" ] || fail "not called on the standby: $forgotten"

# --- it is promoted, with transactions of the primary still open, and goes on -----------------------------------------
[ "$(standby -Atc 'SELECT pg_promote()')" = t ] || fail "the standby is not promoted"
kill -9 $load
wait $load || true
load=''
until [ "$(primary -Atc "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'replica_test'")" = 0 ]; do
  sleep 0.02
done
answers standby >"$work/promoted"
same "after the promotion" wanted promoted
for here_or_there in primary standby; do
  $here_or_there -At -f "$here/after.sql" >"$work/after-$here_or_there" 2>&1 ||
    { cat "$work/after-$here_or_there" && fail "the $here_or_there does not go on"; }
done
[ "$(wc -l <"$work/after-primary")" -gt 100 ] || fail "there is too little to compare: after-primary"
same "the same calls on both" after-primary after-standby
bench "$SOCKET_DIR" load -c 4 -f "$here/load.sql"
load=$!
bench "$SOCKET_DIR" law -c 1 -R 100 -f "$here/law.sql"
law=$!
sleep 2
alive $load load "the promoted server has refused to write"
alive $law law "the promoted server contradicts itself"
kill -9 $load $law
wait $load $law || true
load='' law=''
until [ "$(standby -Atc "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'replica_test'")" = 0 ]; do
  sleep 0.02
done
now=$(standby -Atc "SELECT clock_timestamp() + interval '1 second'")
without_snapshots standby >"$work/wanted"
answers standby >"$work/standby"
same "the promoted server with its snapshots" wanted standby
