#!/usr/bin/env bash
# Fuzzes each target in turn for FUZZ_SECONDS with libFuzzer and AddressSanitizer. What is found stands in .build/fuzz/found.
#   scripts/fuzz.sh [csv json yaml gzip zstd ff1]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-600}
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(csv json yaml gzip zstd ff1)
build=.build/fuzz
export VEIL_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift build --scratch-path "$build" --product veil-fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library -Xswiftc -use-ld=lld \
  -Xcc -fsanitize=fuzzer-no-link,address
program=$(swift build --scratch-path "$build" --product veil-fuzz --show-bin-path)/veil-fuzz

status=0
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/found"
  echo "fuzz: $target for $seconds s"
  # The tests' inputs are read; what is new goes to the first folder.
  FUZZ_TARGET=$target "$program" "$build/corpus/$target" "fixtures/fuzz/$target" \
    -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$build/found/$target-" > "$build/found/$target.log" 2>&1 || {
    echo "fuzz: $target FOUND something: $build/found/$target.log" >&2
    status=1
  }
  sed -n 's/^stat::number_of_executed_units: */fuzz: executions: /p' "$build/found/$target.log"
done
exit "$status"
