#!/usr/bin/env bash
# Each earlier version, installed from its frozen script and filled, is updated to the version of now: the catalogue is
# then that of a fresh install, nothing is answered differently, and it goes on. The last line says how many passed.
# usage: tests/upgrade/run.sh        (bin/test upgrade; the private cluster of CREDIT_CLUSTER must run)
. "$(dirname "$0")/../../bin/lib.sh"
here=$ROOT/tests/upgrade
. "$ROOT/tests/check.sh"
now=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# --- what was released stays ------------------------------------------------------------------------------------------
frozen_scripts() { # all are there and unchanged, and every script that leads to a released version is among them
  local script listed wrong=0
  (cd sql && sha256sum --quiet --strict --check "$here/frozen.sha256") || wrong=1
  for script in sql/credit--*.sql; do
    case $script in *--"$now".sql) [ -e "sql/credit--$now.sql" ] || continue ;; esac
    listed=$(awk -v name="$(basename "$script")" '$2 == name' "$here/frozen.sha256" | wc -l)
    [ "$listed" = 1 ] || { echo "$script is listed $listed times in tests/upgrade/frozen.sha256" && wrong=1; }
  done
  if [ -e "sql/credit--$now.sql" ]; then # released: until the version goes up nothing may change
    bin/freeze --print >"$work/now" && same "sql/credit--$now.sql" "$work/now" || wrong=1
  fi
  return $wrong
}

c_symbols() { # the library has every symbol that any script names, also those that no function of now uses
  local library
  library=$("$PG_CONFIG" --pkglibdir)/credit.so
  ! grep -n "AS 'MODULE_PATHNAME'\($\|[^,]\)" sql/*.sql || { echo "a C function without its symbol" && return 1; }
  sed -n "s/^AS 'MODULE_PATHNAME', '\([a-z0-9_]*\)'.*/\1/p" sql/*.sql | sort -u >"$work/named"
  nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$work/exported"
  [ "$(wc -l <"$work/named")" -ge 30 ] || { echo "too few symbols found: $(wc -l <"$work/named")" && return 1; }
  comm -23 "$work/named" "$work/exported" >"$work/gone"
  [ ! -s "$work/gone" ] || { echo "not in $library, but in a script:" && cat "$work/gone" && return 1; }
}

# --- an update --------------------------------------------------------------------------------------------------------
catalogue() { psql -d "$1" -f "$here/catalogue.sql"; }

# install DATABASE SCHEMA [VERSION]: as its owner, who is a superuser at that moment only
install() {
  fresh_database "$1"
  psql -d "$1" <<SQL
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS "$2";
ALTER DATABASE $1 SET search_path = "$2";
ALTER ROLE credit_upgrade_owner SUPERUSER;
SET ROLE credit_upgrade_owner;
CREATE EXTENSION credit SCHEMA "$2" ${3:+VERSION '$3'};
RESET ROLE;
ALTER ROLE credit_upgrade_owner NOSUPERUSER;
SQL
}

update() { # update VERSION SCHEMA
  install credit_upgrade_old "$2" "$1"
  psql -d credit_upgrade_old -o /dev/null -f "$here/$1/fill.sql"
  psql -d credit_upgrade_old -At -f "$here/$1/answers.sql" >"$work/before"
  [ "$(wc -l <"$work/before")" -gt 2000 ] || fail "there is too little to compare: $(wc -l <"$work/before") lines"
  [ "$(psql -d credit_upgrade_old -Atc 'SELECT count(*) > 0 FROM credit.snapshots')" = t ] || fail "no snapshots before"
  dump >"$work/old_dump"
  # by another superuser, to the version that the control file names
  psql -d credit_upgrade_old -c 'ALTER EXTENSION credit UPDATE'
  [ "$(psql -d credit_upgrade_old -Atc "SELECT extversion FROM pg_extension WHERE extname = 'credit'")" = "$now" ] ||
    fail "the update did not lead to $now"
  [ "$(psql -d credit_upgrade_old -Atc 'SELECT count(*) FROM credit.snapshots')" = 0 ] || fail "snapshots are left"
}

same_catalogue() { # same_catalogue SCHEMA
  install credit_upgrade_new "$1"
  catalogue credit_upgrade_new >"$work/fresh"
  catalogue credit_upgrade_old >"$work/updated"
  [ "$(wc -l <"$work/fresh")" -gt 1000 ] || fail "there is too little to compare: $(wc -l <"$work/fresh") lines"
  same "$work/fresh" "$work/updated"
}

same_answers() {
  psql -d credit_upgrade_old -At -f "$here/$1/answers.sql" >"$work/after"
  same "$work/before" "$work/after"
}

goes_on() { psql -d credit_upgrade_old -o /dev/null -f "$here/$1/after.sql"; }

dump() { "$PG_BIN/pg_dump" -h "$SOCKET_DIR" -p "$PORT" -U postgres --no-owner -d credit_upgrade_old; }

no_privileges() { # what pg_dump takes for the extension's own and what for the operator's: the initial privileges say it
  dump >"$work/dump"
  ! grep -n "^GRANT\|^REVOKE" "$work/dump" || fail "pg_dump takes privileges of the extension for the operator's"
}

restored() { # restored VERSION SCHEMA: what pg_dump made of the old version, in the version of now; the stamps are new
  fresh_database credit_upgrade_new
  psql -d credit_upgrade_new -c "ALTER DATABASE credit_upgrade_new SET search_path = \"$2\""
  psql -d credit_upgrade_new -o /dev/null -f "$work/old_dump"
  [ "$(psql -d credit_upgrade_new -Atc "SELECT extversion FROM pg_extension WHERE extname = 'credit'")" = "$now" ] ||
    fail "the restored extension is not $now"
  psql -d credit_upgrade_new -At -f "$here/$1/answers.sql" >"$work/restored"
  local answers
  for answers in before restored; do sed 's/"xid": "[0-9]*"//' "$work/$answers" | sort >"$work/$answers.unstamped"; done
  same "$work/before.unstamped" "$work/restored.unstamped"
}

changed() { # changed CHANGE: the catalogue after it
  printf '%s\n' 'BEGIN;' "$1" "\\i $here/catalogue.sql" 'ROLLBACK;' | psql -d credit_upgrade_new >"$work/changed"
}

unchanged() {
  changed ''
  same "$work/fresh" "$work/changed"
}

seen() { # seen CHANGE: the comparison sees it
  changed "$1"
  ! cmp -s "$work/fresh" "$work/changed" || fail "the catalogue is printed as if nothing had happened: $1"
}

psql -d postgres <<'SQL'
SET client_min_messages = warning;
DROP DATABASE IF EXISTS credit_upgrade_old WITH (FORCE);
DROP DATABASE IF EXISTS credit_upgrade_new WITH (FORCE);
DROP ROLE IF EXISTS credit_upgrade_owner;
CREATE ROLE credit_upgrade_owner;
SQL
check "released scripts are unchanged" frozen_scripts
check "the library has all C symbols that scripts name" c_symbols
for directory in "$here"/[0-9]*/; do
  version=$(basename "$directory")
  for schema in public 'Credit here'; do
    check "$version, schema $schema: update" update "$version" "$schema"
    check "$version, schema $schema: the catalogue is that of a fresh install" same_catalogue "$schema"
    check "$version, schema $schema: the same answers and facts" same_answers "$version"
    check "$version, schema $schema: it goes on" goes_on "$version"
    check "$version, schema $schema: pg_dump finds no privileges of its own" no_privileges
    check "$version, schema $schema: a dump of it is restored into $now" restored "$version" "$schema"
  done
done

install credit_upgrade_new public
catalogue credit_upgrade_new >"$work/fresh"
check "the comparison sees nothing where nothing has changed" unchanged
while IFS= read -r change; do
  case $change in '' | --*) ;; *) check "the comparison sees: $change" seen "$change" ;; esac
done <"$here/mutations.sql"
finish
