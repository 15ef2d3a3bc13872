#!/bin/sh
# Brings the Patroni that we compare with (4.1, from Debian's unstable pool; else 4.0 from trixie's) beside the installed
# one: unpacked into a folder of its own, for Debian 12's Python and the libraries that its own package of Patroni needs.
# Prints that folder; `bin/patronictl` and `bin/patroni` in it run. Done already, it takes no time.
#
#   scripts/newer-patroni.sh [FOLDER]     default: .set-up/patroni
#
# apt resolves, fetches and verifies with lists and a cache of its own: nothing is installed, no source is added.
set -eu
folder=${1:-$(dirname "$0")/../.set-up/patroni}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ -x "$folder/bin/patronictl" ]; then
  echo "$folder"
  exit
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
archive=$(sed -nE 's/^(URIs: |deb (\[.*\] )?)(https?:[^ ]*debian\/?)( .*)?$/\3/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1)
if [ -z "$archive" ]; then
  echo "newer-patroni: no archive of Debian in /etc/apt/sources.list or /etc/apt/sources.list.d: name one there" >&2
  exit 1
fi
for suite in sid trixie; do
  echo "deb $archive $suite main"
done >"$scratch/sources.list"
own() {
  command=$1
  shift
  "$command" -qq -o Dir::Etc::sourcelist="$scratch/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User= "$@"
}
own apt-get update >&2

# What of its needs the installed release does not have in a version that fits.
packages='patroni python3-prettytable python3-click python3-wcwidth'
for suite in sid trixie; do
  # shellcheck disable=SC2086 # packages are words
  if (cd "$scratch" && own apt-get download $(printf "%s/$suite " $packages)) >&2; then break; fi
done
for package in "$scratch"/*.deb; do
  dpkg-deb -x "$package" "$folder"
done

# As its package does when it is installed: else each start compiles everything.
/usr/bin/python3 -m compileall -q "$folder/usr/lib/python3/dist-packages" >&2 || true

mkdir -p "$folder/bin"
for program in patroni patronictl; do
  printf '#!/bin/sh\nPYTHONPATH=%s exec /usr/bin/python3 %s "$@"\n' \
    "'$folder/usr/lib/python3/dist-packages'" "'$folder/usr/bin/$program'" >"$folder/bin/$program"
  chmod 755 "$folder/bin/$program"
done
"$folder/bin/patronictl" version >&2
echo "$folder"
