#!/usr/bin/env bash
# bin/release-check finds nothing wrong here, and finds each thing that is made wrong in a copy. The last line says how
# many of these passed.
# usage: tests/release/run.sh        (bin/test release)
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
previous=$(sed -n 's/^## \[\(.*\)\] .*/\1/p' CHANGELOG.md | sed -n 2p)
passed=0
failed=0

copy() {
  rm -rf "$work/copy"
  mkdir -p "$work/copy/bin" "$work/copy/tests"
  cp -R Cargo.toml Cargo.lock META.json CHANGELOG.md README.md credit.control sql "$work/copy"
  cp bin/release-check "$work/copy/bin"
  cp -R tests/upgrade "$work/copy/tests"
}

# says TEXT TAG CHANGE: after CHANGE (a command, run in a copy) the check fails with a line that contains TEXT; with an
# empty TEXT it finds nothing wrong
says() {
  local text=$1 tag=$2 change=$3 rc=0
  copy
  (cd "$work/copy" && eval "$change")
  # shellcheck disable=SC2086  # no tag is no argument
  "$work/copy/bin/release-check" $tag >"$work/out" 2>&1 || rc=$?
  if { [ -n "$text" ] && [ $rc = 1 ] && grep -qF -- "$text" "$work/out"; } || { [ -z "$text" ] && [ $rc = 0 ]; }; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "NOT OK: ${change:-nothing changed}: not said (exit code $rc): $text"
    cat "$work/out"
  fi
}

released="sed -i 's/^## .$version. .*/## [$version] – 2027-01-31/' CHANGELOG.md
[ -e sql/credit--$version.sql ] || cp sql/credit--$previous.sql sql/credit--$version.sql
(cd sql && sha256sum credit--*.sql) >tests/upgrade/frozen.sha256"

says '' '' ''
says "Cargo.lock: credit is" '' "sed -i '0,/^version = /s/\"$version\"/\"9.9.9\"/' Cargo.toml"
says "CHANGELOG.md: its top entry is not 9.9.9" '' "sed -i '0,/^version = /s/\"$version\"/\"9.9.9\"/' Cargo.toml"
says "META.json: version is" '' "sed -i '0,/^version = /s/\"$version\"/\"9.9.9\"/' Cargo.toml"
says "META.json: provides.credit.version is not $version" '' "sed -i '/docfile/{n;s/$version/9.9.9/}' META.json"
says "META.json: version is 9.9.9" '' "sed -i '0,/$version/s//9.9.9/' META.json"
says "no semantic version" '' "sed -i '0,/^version = /s/\"$version\"/\"1.0\"/' Cargo.toml"
says "default_version is not" '' "sed -i 's/@CARGO_VERSION@/$version/' credit.control"
says "its top entry is not" '' "sed -i '0,/^## .$version. /s//## [9.9.9] /' CHANGELOG.md"
says "are not in order" '' "printf '\n## [9.9.9] – 2027-01-31\n' >>CHANGELOG.md"
says "$previous has no date" '' "sed -i 's/^## .$previous. .*/## [$previous] – unreleased/' CHANGELOG.md"
says "sql/credit--$previous.sql is missing" '' "rm sql/credit--$previous.sql"
says "sql/credit--$previous--$version.sql is missing" '' "rm sql/credit--$previous--$version.sql"
says "no update from $previous is tested" '' "rm -r tests/upgrade/$previous"
says "of which CHANGELOG.md knows nothing" '' "cp sql/credit--$previous.sql sql/credit--0.0.9.sql"
says "leads backwards" '' "mv sql/credit--$previous--$version.sql sql/credit--$version--$previous.sql"
says "does not start with the line" '' "sed -i 1d sql/credit--$previous--$version.sql"
says "does not start with the line" '' "sed -i '1s/$version/$previous/' sql/credit--$previous--$version.sql"
says "license is not one that" '' "sed -i s/apache_2_0/Apache-2.0/ META.json"
says "license is not the Apache-2.0" '' "sed -i s/apache_2_0/mit/ META.json"
says "there is no file nowhere.md" '' "sed -i s/README.md/nowhere.md/ META.json"
says "is no key of the spec" '' "sed -i 's/\"tags\"/\"labels\"/' META.json"
says "is no phase" '' "sed -i 's/\"runtime\"/\"run\"/' META.json"
says "is no version" '' "sed -i 's/15.0.0/15/' META.json"
says "begins with pg15" '' "sed -i 's/15.0.0/14.0.0/' META.json"
says "maintainer is missing" '' "sed -i '/\"maintainer\"/d' META.json"
says "meta-spec.version" '' "sed -i 's/\"1.0.0\"/\"2.0.0\"/' META.json"
says '' "v$version" "$released"
says "the tag is v9.9.9" v9.9.9 "$released"
says "$version has no date" "v$version" "$released
sed -i 's/2027-01-31/unreleased/' CHANGELOG.md"
says "sql/credit--$version.sql is missing" "v$version" "$released
rm sql/credit--$version.sql"
says "is not as tests/upgrade/frozen.sha256 lists it" "v$version" "$released
echo >>sql/credit--$previous--$version.sql"
says "is not as tests/upgrade/frozen.sha256 lists it" "v$version" "$released
sed -i 1d tests/upgrade/frozen.sha256"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
