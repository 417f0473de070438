#!/usr/bin/env bash
# Builds everything with a sanitizer and runs every test, the binary's included: sanitize.sh address|thread [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1 scratch=.build/sanitize-$1

# Before silence is believed: a race between the engine's own threads must be seen, and its own lock respected.
planted_race() {
  mkdir -p "$scratch"
  swiftc -swift-version 6 -sanitize=thread Sources/VeilEngine/Run/Threads.swift Tests/PlantedRace/main.swift -o "$scratch/race"
  "$scratch/race" locked >"$scratch/race.log" 2>&1 || { cat "$scratch/race.log"; echo "a locked count was called a race"; exit 1; }
  if "$scratch/race" >"$scratch/race.log" 2>&1; then echo "the planted race was not seen"; exit 1; fi
  grep -Eq "ThreadSanitizer: .*race" "$scratch/race.log" || { cat "$scratch/race.log"; exit 1; }
  echo "The planted race is seen, and is none with the lock."
}
[ "$kind" != thread ] || planted_race

swift build --build-tests --sanitize="$kind" --scratch-path "$scratch"
# The tests start the binary that was built beside them. A report ends it with a status that no test expects.
export VEIL_SANITIZER=$kind TSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=0
unset VEIL_BIN
swift test --skip-build --disable-xctest --sanitize="$kind" --scratch-path "$scratch" ${2:+--filter "$2"}
