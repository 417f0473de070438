#!/usr/bin/env python3
"""Attacks a release: knows the quasi-identifiers of everybody in the input, and looks for a record that can be linked.

  attack.py INPUT.csv RELEASE.csv K FIELD=KIND...      KIND: date | prefix | exact | file:HIERARCHY | interval

For each person it gathers the released records that could be theirs: those whose every label covers the person's value.
Records that look alike cannot be told apart, so among n of them a link is certain to 1/n at most. Prints the highest
certainty that anybody can be linked with; fails where it is above 1/K, where a label covers nobody's value, or where a class
holds more records than people who could be in it."""
import collections
import csv
import re
import sys

source, release, k = sys.argv[1], sys.argv[2], int(sys.argv[3])
kinds = dict(argument.split("=", 1) for argument in sys.argv[4:])


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hierarchy(path):
    with open(path, encoding="utf-8") as file:
        return {line[0]: set(line) for line in csv.reader(file, delimiter=";") if line}


trees = {field: hierarchy(kind[5:]) for field, kind in kinds.items() if kind.startswith("file:")}


def covers(field, label, value):
    kind = kinds[field]
    if label in ("*", value):
        return True
    if field in trees:
        return label in trees[field].get(value, ())
    if kind == "date":
        return label in (value[:7], value[:4], value[:3] + "0s")
    if kind == "prefix":
        return len(label) == len(value) and re.fullmatch(re.escape(label.rstrip("*")) + ".*", value) is not None
    if kind == "interval":
        found = re.fullmatch(r"\[(-?[\d.]+), (-?[\d.]+)\)", label)
        return bool(found and value) and float(found[1]) <= float(value) < float(found[2])
    return False


classes = collections.Counter(tuple(row[field] for field in kinds) for row in rows(release))
people = collections.Counter(tuple(row[field] for field in kinds) for row in rows(source))
known = {}
able = collections.Counter()
certainty = 0.0
for person, count in people.items():
    for labels, size in classes.items():
        if all(known.setdefault((f, l, v), covers(f, l, v)) for f, l, v in zip(kinds, labels, person)):
            able[labels] += count
            certainty = max(certainty, 1 / size)
print(f"{len(classes)} classes, {sum(people.values())} people, highest certainty {certainty:.4f}")
if not classes or certainty > 1 / k + 1e-12 or any(able[labels] < size for labels, size in classes.items()):
    raise SystemExit("the attack succeeds")
