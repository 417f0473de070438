#!/usr/bin/env bash
# Builds the tests, and runs them against a release binary.
#   test.sh build
#   test.sh path/to/veil [what `swift test` is told besides]
# They are built beside the release, or in the folder VEIL_TEST_BUILD, so that both can be built at the same time.
set -euo pipefail
program=$1
shift
[ "$program" = build ] || VEIL_BIN=$(realpath "$program")
cd "$(dirname "$0")/.."

how=(--scratch-path "${VEIL_TEST_BUILD:-.build}")
swift build --build-tests "${how[@]}"
[ "$program" != build ] || exit 0

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
export TMPDIR VEIL_BIN
trap 'rm -rf "$TMPDIR"' EXIT
swift test --skip-build --disable-xctest "${how[@]}" "$@"
