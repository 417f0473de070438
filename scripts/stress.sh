#!/usr/bin/env bash
# The fault tests at full length, one after the other: every crash point, every call with every error, 200 random kills,
# 100 nights, hostile input, planted values; then random pipelines against brute force, and every random sweep of the other
# tests. Needs strace; as root full disks are tried too.
set -euo pipefail
VEIL_BIN=$(realpath "$1")
export VEIL_BIN PYTHONDONTWRITEBYTECODE=1
root=$(realpath "$(dirname "$0")/..")
cd "$root/Tests/GoldenTests/Support/Scripts/faults"

status=0
for test in crash_points io_faults random_kills hundred_nights hostile canary; do
  printf '%s: ' "$test"
  FAULT_STRIDE=1 KILLS=${KILLS:-200} NIGHTS=${NIGHTS:-100} python3 "$test.py" || status=1
done
# 1,500 random pipelines against brute force: about ten minutes on two cores.
printf 'brute force: '
python3 ../brute/sweep.py 1 "${RELEASES:-1500}" || status=1
VEIL_STRESS=1 "$root/scripts/test.sh" "$VEIL_BIN" --filter 'VeilEngineTests|VeilConfigTests' || status=1
exit "$status"
