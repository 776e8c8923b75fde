# shellcheck shell=bash
# Read in by tests/*/run.sh, after bin/lib.sh: checks are functions, each counted; the last line says how many passed.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() { # check WHAT COMMAND…
  local what=$1 rc
  shift
  set +e # in a condition errexit would not act inside either
  (
    set -e
    "$@"
  ) >"$work/log" 2>&1
  rc=$?
  set -e
  if [ $rc = 0 ]; then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    echo "NOT OK: $what"
    tail -n 60 "$work/log"
  fi
}

same() { # same FILE FILE: equal, and not empty
  [ -s "$1" ] || { echo "$1 is empty" && return 1; }
  diff -u "$1" "$2" | head -n 100 >"$work/diff" || true
  [ ! -s "$work/diff" ] || { cat "$work/diff" && return 1; }
}

finish() {
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
}
