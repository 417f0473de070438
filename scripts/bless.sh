#!/usr/bin/env bash
# Rewrites the expected outputs of pipelines and of `check` with what VEIL writes now. Review the difference before you
# commit it. What stages must write is never blessed: fixtures/stages/make.py computes it without Veil.
# usage: bless.sh VEIL
set -euo pipefail
cd "$(dirname "$0")/.."
veil=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The keys of the tests: 32 bytes that everybody may know.
key=hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
salt=hex:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f

# Pipelines: in a copy, because keys stand beside them.
mkdir -p "$work/pipelines/keys"
cp pipelines/*.yaml "$work/pipelines"
cp -r fixtures "$work/fixtures"
(umask 077 && printf %s "$key" > "$work/pipelines/keys/demo.key" && printf %s "$salt" > "$work/pipelines/keys/demo-salt.key")
for folder in fixtures/golden/*/; do
  name=$(basename "$folder")
  for expected in "$folder"expected.*; do
    VEIL_KEY=$key "$veil" run "$work/pipelines/$name.yaml" --input fixtures/customers/"$(cat "$folder/input")" \
      --output "$work/$(basename "$expected")" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
    if grep -q '^anonymity:' "$work/pipelines/$name.yaml"; then
      # Records in keyed order: their lines are sorted, behind the header.
      { head -n 1 "$work/$(basename "$expected")"; tail -n +2 "$work/$(basename "$expected")" | LC_ALL=C sort; } > "$expected"
    else
      cat "$work/$(basename "$expected")" > "$expected"
    fi
  done
done

# Mistakes: what `check` says about each.
for pipeline in fixtures/mistakes/*.yaml; do
  (cd fixtures/mistakes && "$veil" check "$(basename "$pipeline")") 2> "${pipeline%.yaml}.expected" > /dev/null || true
done
