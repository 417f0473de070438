#!/usr/bin/env bash
# Builds the tests and runs them against a release binary: test.sh path/to/veil [what `swift test` is told besides]
set -euo pipefail
VEIL_BIN=$(realpath "$1")
export VEIL_BIN
shift
cd "$(dirname "$0")/.."

# Tests need no index of the sources, and without one a debug build takes a third less time.
swift build --build-tests --disable-index-store

# Veil flushes what it publishes to disk, and its tests publish some thousand files: they stand in memory where there is
# room for 2 GB and programs may be run. Where TMPDIR is set, it is taken.
folder=/dev/shm
options=$(findmnt -nro FSTYPE,OPTIONS --mountpoint "$folder" 2> /dev/null || true)
room=$(df -k --output=avail "$folder" 2> /dev/null | tail -n 1)
if [ -n "${TMPDIR:-}" ] || [[ $options != "tmpfs "* || ,${options#* }, == *,noexec,* || ! -w $folder ]] ||
  [ "${room:-0}" -lt 2000000 ]; then
  folder=${TMPDIR:-/tmp}
fi
TMPDIR=$(mktemp -d "$folder/veil-tests-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
swift test --skip-build --disable-xctest --disable-index-store "$@"
