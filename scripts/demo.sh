#!/usr/bin/env bash
# Runs the marketing export on the made-up customers and shows what became of a few columns. usage: demo.sh VEIL
set -euo pipefail
cd "$(dirname "$0")/.."
veil=$1

mkdir -p pipelines/keys pipelines/out
for key in demo demo-salt; do
  [ -e "pipelines/keys/$key.key" ] || "$veil" key new "pipelines/keys/$key.key" > /dev/null
done

"$veil" run pipelines/marketing-export.yaml

python3 - fixtures/customers/customers.csv pipelines/out/marketing-export.csv <<'PYTHON'
import csv, os, sys

before, after = (list(csv.DictReader(open(path, encoding="utf-8", newline=""))) for path in sys.argv[1:])
columns = ["email", "phone", "birth_date", "income", "country"]


def show(title, rows, names):
    print(f"\n{title}")
    for row in [dict(zip(names, names))] + rows[:4]:
        cells = [row[name].strip() if len(row[name]) <= 20 else row[name][:17] + "..." for name in names]
        print("  " + "  ".join(f"{cell:<20}" for cell in cells).rstrip())


show("Some columns before:", before, columns)
show("and after:", after, columns)
gone = [name for name in before[0] if name not in after[0]]
print(f"\nDropped: {', '.join(gone)}")
print(f"The export, {len(after)} records: {os.path.abspath(sys.argv[2])}")
PYTHON
