#!/usr/bin/env bash
# Builds the Debian package, looks at what is in it, and runs the README's first example with exactly its files, in the
# private cluster. That apt installs it on a clean machine is tests/package/clean, by hand: it takes minutes and root.
# The last line says how many checks passed.
# usage: tests/package/run.sh        (bin/test package; the private cluster of CREDIT_CLUSTER must run)
. "$(dirname "$0")/../../bin/lib.sh"
. "$ROOT/tests/check.sh"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=postgresql-$PG_MAJOR-credit
tree=$work/tree

build() {
  bin/package-deb >"$work/deb"
  deb=$(cat "$work/deb")
  [ "$(basename "$deb")" = "${name}_$version-1_$(dpkg --print-architecture).deb" ] || fail "it is called $deb"
  dpkg-deb -x "$deb" "$tree"
  dpkg-deb -e "$deb" "$tree/DEBIAN"
}

field() { dpkg-deb -f "$(cat "$work/deb")" "$1"; }

fields() {
  [ "$(field Package)" = "$name" ] && [ "$(field Version)" = "$version-1" ] && [ "$(field Source)" = credit ] ||
    fail "another package: $(field Package) $(field Version)"
  [ "$(field Architecture)" = "$(dpkg --print-architecture)" ] || fail "Architecture: $(field Architecture)"
  [[ $(field Depends) =~ ^postgresql-$PG_MAJOR,\ .*libc6\ \(\>=\ [0-9.]+\) ]] || fail "Depends: $(field Depends)"
  field Maintainer | grep -q '^[^<]* <[^ ]*@[^ ]*>$' || fail "Maintainer: $(field Maintainer)"
}

files() { # exactly these, root's, writable for nobody else
  {
    echo "./usr/lib/postgresql/$PG_MAJOR/lib/credit.so"
    for script in sql/credit--*.sql; do echo "./usr/share/postgresql/$PG_MAJOR/extension/$(basename "$script")"; done
    echo "./usr/share/postgresql/$PG_MAJOR/extension/credit--$version.sql"
    echo "./usr/share/postgresql/$PG_MAJOR/extension/credit.control"
    for text in README.md docs/*.md changelog.gz changelog.Debian.gz copyright third-party-licenses.gz; do
      echo "./usr/share/doc/$name/$text"
    done
  } | sort -u >"$work/wanted"
  dpkg-deb -c "$(cat "$work/deb")" >"$work/list"
  awk '/^-/ { print $6 }' "$work/list" | sort >"$work/found"
  same "$work/wanted" "$work/found"
  ! awk '$2 != "root/root" || !/^(-rw-r--r--|drwxr-xr-x) /' "$work/list" | grep . || fail "another owner or mode"
}

checksums() {
  (cd "$tree" && md5sum --quiet --strict -c DEBIAN/md5sums)
  [ "$(wc -l <"$tree/DEBIAN/md5sums")" = "$(wc -l <"$work/wanted")" ] || fail "a file has no checksum"
}

texts() {
  local doc=$tree/usr/share/doc/$name
  zcat "$doc/changelog.Debian.gz" | sed -n 1p | grep -xF "$name ($version-1) unstable; urgency=medium" || fail "changelog.Debian"
  zcat "$doc/changelog.gz" | cmp - CHANGELOG.md
  grep -q '^License: Apache-2.0$' "$doc/copyright" || fail "copyright"
  zcat "$doc/third-party-licenses.gz" >"$work/licenses"
  for crate in pgrx serde uuid; do # of what the library contains
    grep -q "^$crate-[0-9.]*, License: " "$work/licenses" || fail "nothing about the crate $crate"
  done
}

same_as_built() { # but for what strip took away
  local built=$TARGET/package/pg$PG_MAJOR script
  for script in "$tree/usr/share/postgresql/$PG_MAJOR/extension"/*; do
    cmp "$script" "$built$("$PG_CONFIG" --sharedir)/extension/$(basename "$script")"
  done
  nm -D --defined-only "$built$("$PG_CONFIG" --pkglibdir)/credit.so" | cut -c 18- | sort >"$work/wanted"
  nm -D --defined-only "$tree/usr/lib/postgresql/$PG_MAJOR/lib/credit.so" | cut -c 18- | sort >"$work/found"
  same "$work/wanted" "$work/found"
}

again() { # the same commit gives the same package
  local first=$work/first.deb
  cp "$(cat "$work/deb")" "$first"
  bin/package-deb
  cmp "$first" "$(cat "$work/deb")"
}

example() { # the files of the package take the place of the ones that bin/build installed, which come back
  local libdir sharedir rc=0
  libdir=$("$PG_CONFIG" --pkglibdir)
  sharedir=$("$PG_CONFIG" --sharedir)
  put() { # remove first: a server that has the old library mapped must not see it change
    [ -w "$libdir" ] || become_root cp --remove-destination "$@"
    if [ -w "$libdir" ]; then cp --remove-destination "$@"; else as_root cp --remove-destination "$@"; fi
  }
  put "$tree/usr/lib/postgresql/$PG_MAJOR/lib/credit.so" "$libdir/"
  put "$tree/usr/share/postgresql/$PG_MAJOR/extension"/credit* "$sharedir/extension/"
  fresh_database credit_package
  "$ROOT/tests/package/example" "$PG_BIN/psql" -h "$SOCKET_DIR" -p "$PORT" -U postgres -d credit_package || rc=$?
  put "$TARGET/package/pg$PG_MAJOR$libdir/credit.so" "$libdir/"
  return $rc
}

no_lintian_errors() { lintian --fail-on error "$(cat "$work/deb")"; }

check "the package is built" build
check "what it says of itself" fields
check "its files" files
check "their checksums" checksums
check "changelog, copyright, licenses of what it contains" texts
check "scripts and symbols are those of the build" same_as_built
check "built again, it is the same" again
check "README's first example runs with its files" example
! type lintian >/dev/null 2>&1 || check "lintian finds no error" no_lintian_errors
finish
