#!/usr/bin/env bash
# The fault tests at full length, one after the other: every crash point of runs, erasures, prunings and key commands, 500
# random published folders, every call with every error, 200 random kills, 100 nights, hostile input, planted values, wrong
# files in every place; then attacks beside another program, what `veil init` proposes for public tables, random pipelines
# against brute force, and every random sweep of the other tests. Needs strace; as root full disks are tried too.
set -euo pipefail
VEIL_BIN=$(realpath "$1")
export VEIL_BIN PYTHONDONTWRITEBYTECODE=1
root=$(realpath "$(dirname "$0")/..")
cd "$root/Tests/GoldenTests/Support/Scripts/faults"

status=0
tests=(crash_points rights_crashes key_crash_points published_folders io_faults random_kills hundred_nights hostile canary
  wrong_files)
for test in "${tests[@]}"; do
  printf '%s: ' "$test"
  FAULT_STRIDE=1 KILLS=${KILLS:-200} NIGHTS=${NIGHTS:-100} python3 "$test.py" || status=1
done
printf 'anonymeter_peer: '
python3 "$root/Tests/GoldenTests/Support/Scripts/anonymeter_peer.py" || status=1
# Tables that packages ship: a folder of them in VEIL_TABLES, or those that are installed. Without any it says so.
printf 'public tables: '
python3 ../public_tables.py || status=1
# 1,500 random pipelines against brute force: about ten minutes on two cores.
printf 'brute force: '
python3 ../brute/sweep.py 1 "${RELEASES:-1500}" || status=1
VEIL_STRESS=1 "$root/scripts/test.sh" "$VEIL_BIN" --filter 'VeilEngineTests|VeilConfigTests' || status=1
exit "$status"
