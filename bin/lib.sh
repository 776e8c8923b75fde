# shellcheck shell=bash disable=SC2034  # the variables are for those who read this file in
# Common to the commands in bin/: where things are, how to speak, how to become root, whom the server runs as.
# Variables a caller may set:
#   PG_MAJOR        PostgreSQL version (default 15)
#   PG_CONFIG       its pg_config, when it is not the one of Debian's packages
#   CREDIT_CLUSTER  directory of the private cluster (default target/cluster)
#   PGRX_HOME       where pgrx keeps its config.toml (default target/pgrx)
set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
LOGS=$TARGET/logs
mkdir -p "$LOGS" 2>/dev/null && [ -w "$LOGS" ] || {
  echo "failed: $(id -un) cannot write to $LOGS" >&2
  echo "  run it as the user who owns that, or:  export CARGO_TARGET_DIR=/some/other/directory" >&2
  exit 1
}

# Neither the caller's language nor the caller's PostgreSQL settings change what the commands do.
export LC_ALL=C.UTF-8
for name in ${!PG@}; do
  case $name in PG_MAJOR | PG_CONFIG | PGRX_*) ;; *) unset "$name" ;; esac
done
export PGCLIENTENCODING=UTF8 PGTZ=UTC
export NO_COLOR=1 CARGO_TERM_COLOR=never # logs are read in files

# --- the pinned tools -------------------------------------------------------------------------------------------------
PGRX_VERSION=$(sed -n 's/^pgrx = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
export PGRX_HOME=${PGRX_HOME:-$TARGET/pgrx}
export CARGO_PGRX_DISABLE_GC_SECTIONS_WORKAROUND=1 # else everything is compiled a second time for the library
export RUST_BACKTRACE=0                            # else pgrx appends a backtrace to each DETAIL
PGRX_ROOT=${XDG_CACHE_HOME:-${HOME:-$TARGET}/.cache}/credit/cargo-pgrx-$PGRX_VERSION
[ -x "$PGRX_ROOT/bin/cargo-pgrx" ] && PATH=$PGRX_ROOT/bin:$PATH
command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
export PATH

# --- PostgreSQL -------------------------------------------------------------------------------------------------------
if [ -n "${PG_CONFIG:-}" ] && [ -x "$PG_CONFIG" ]; then
  PG_MAJOR=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
fi
PG_MAJOR=${PG_MAJOR:-15}
PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/$PG_MAJOR/bin/pg_config}
PG_BIN=$(dirname "$PG_CONFIG")
PG_REGRESS_DIR=$(dirname "$PG_BIN")/lib/pgxs/src/test
[ ! -x "$PG_CONFIG" ] || PG_REGRESS_DIR=$(dirname "$("$PG_CONFIG" --pgxs)")/../test

# --- the private cluster: its name gives its socket directory, which must be short -----------------------------------
CLUSTER=${CREDIT_CLUSTER:-$TARGET/cluster}
case $CLUSTER in /*) ;; *) CLUSTER=$ROOT/$CLUSTER ;; esac
CLUSTER_HASH=$(printf %s "$CLUSTER" | cksum | cut -d' ' -f1)
SOCKET_DIR=/tmp/credit-$CLUSTER_HASH
PORT=$((28800 + PG_MAJOR))

psql() { # the superuser of the private cluster; stops at the first error
  "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$SOCKET_DIR" -p "$PORT" -U postgres "$@"
}

fresh_database() { # fresh_database NAME [TEMPLATE]
  psql -d postgres <<SQL
SET client_min_messages = warning;
DROP DATABASE IF EXISTS $1 WITH (FORCE);
CREATE DATABASE $1 TEMPLATE ${2:-template0};
SQL
}

# --- speaking ---------------------------------------------------------------------------------------------------------
export CREDIT_STARTED=${CREDIT_STARTED:-$EPOCHSECONDS}

say() { printf '[%4d s] %s\n' $((EPOCHSECONDS - CREDIT_STARTED)) "$*" >&2; }

fail() { # fail WHAT [WHAT TO DO]…
  printf 'failed: %s\n' "$1" >&2
  shift
  [ $# = 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

# step LOG TEXT COMMAND…: a line when it starts and every 15 s while it runs; the end of its output if it fails
step() {
  local log=$LOGS/$1.log text=$2 from=$EPOCHSECONDS beat rc=0
  shift 2
  say "$text"
  : >"$log"
  (
    while sleep 15 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
      say "  … $((EPOCHSECONDS - from)) s: $(tail -n 1 "$log" | cut -c 1-90)"
    done
  ) 9>&- &
  beat=$!
  "$@" >"$log" 2>&1 </dev/null || rc=$?
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  if [ $rc != 0 ]; then
    tail -n "${STEP_TAIL:-40}" "$log" >&2
    printf 'failed (exit code %s): %s\n  all of its output: %s\n' $rc "$*" "$log" >&2
  fi
  return $rc
}

# --- other users ------------------------------------------------------------------------------------------------------
is_root() { [ "$(id -u)" = 0 ]; }

# become_root COMMAND…: asks for sudo's password where that is needed; if it cannot be, says what root has to run
become_root() {
  is_root && return
  if command -v sudo >/dev/null; then
    sudo -n true 2>/dev/null && return
    if { : </dev/tty; } 2>/dev/null; then
      say "sudo may ask for your password, to run: $*"
      sudo -v && return
    fi
  fi
  fail "this needs root, and sudo is not usable here" "as root, run:  $*" "and then this command again"
}

as_root() { if is_root; then "$@"; else sudo "$@"; fi; }

# debian_install PACKAGE…: fails where apt-get does, or where there is none
debian_install() {
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -q)
  command -v apt-get >/dev/null || return
  say "missing: $*"
  become_root apt-get install --no-install-recommends "$@"
  step apt "apt-get update" "${apt[@]}" update || say "apt-get update failed; trying with the lists that are there"
  step apt "apt-get install $* (half a minute)" "${apt[@]}" install -y --no-install-recommends "$@"
}

# PostgreSQL refuses to run as root: then the user `postgres` of Debian's packages runs it
as_server_user() {
  if is_root; then
    (cd / && runuser -u "${CREDIT_SERVER_USER:-postgres}" -- "$@")
  else
    "$@"
  fi
}
