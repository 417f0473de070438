#!/usr/bin/env bash
# Renews the list in docs/stages.md from the catalogue in the binary. usage: reference.sh VEIL
set -euo pipefail
cd "$(dirname "$0")/.."
"$1" stages --markdown > .build/stages.md
python3 - <<'PYTHON'
begin, end = "<!-- stages -->\n", "<!-- /stages -->"
path = "docs/stages.md"
page = open(path, encoding="utf-8").read()
stages = open(".build/stages.md", encoding="utf-8").read()
head, rest = page.split(begin)
tail = rest.split(end)[1]
open(path, "w", encoding="utf-8").write(head + begin + stages + end + tail)
PYTHON
