#!/usr/bin/env python3
"""Measures a release against its original: k, loss, truthfulness. Python's standard library only; shares no code with
Veil, so that neither can hide the other's mistakes.

Definitions, with n records, q quasi-identifiers, and D leaves in a column's hierarchy:
  suppressed    a record whose quasi-identifiers are all '*' or empty; and every record that is not there
  class         the records, other than suppressed ones, with the same text in every quasi-identifier; k is the
                smallest class (Sweeney 2002)
  loss          the mean over all n * q cells of (leaves that the label covers - 1) / (D - 1), also called NCP or ILoss
                (Xu et al. 2006); 1 for a suppressed cell, 0 where D is 1. A label covers the leaves that have it at the
                lowest level at which the original value has it
  untruthful    cells whose label the original value has at no level

A release with as many records as the original is compared with it record by record, in order. One with fewer is
measured without: each label then covers what the lowest level that knows it says, and truth is not checked."""
import collections
import csv
import sys


class Column:
    """A hierarchy: one line a leaf, from the leaf's own label to the top's."""

    def __init__(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            paths = [row for row in csv.reader(file, delimiter=";") if row]
        self.path_of = {path[0]: path for path in paths}
        self.leaves = [collections.Counter(level) for level in zip(*paths)]
        self.span = len(paths) - 1
        self.known = {}

    def loss(self, covered):
        return (covered - 1) / self.span if self.span else 0.0

    def suppressed(self):
        return 1.0 if self.span else 0.0

    def cell(self, value, label):
        """Loss and truthfulness of a label that stands for a value."""
        if (value, label) not in self.known:
            path = self.path_of[value]
            if label in path:
                level = path.index(label)
                result = (self.loss(self.leaves[level][label]), True)
            else:
                result = (self.suppressed(), label in ("*", ""))
            self.known[value, label] = result
        return self.known[value, label]

    def label(self, label):
        for leaves in self.leaves:
            if label in leaves:
                return self.loss(leaves[label])
        return self.suppressed()


def read(path, names):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        header = next(rows)
        places = [header.index(name) for name in names]
        return [tuple(row[place] for place in places) for row in rows if row]


def score(original, release, hierarchies):
    """Paths of two CSV files with `;`, and a mapping of quasi-identifiers to paths of hierarchy files."""
    names = list(hierarchies)
    columns = [Column(hierarchies[name]) for name in names]
    before, after = read(original, names), read(release, names)
    if len(after) > len(before):
        raise SystemExit("the release has more records than the original")
    is_aligned = len(before) == len(after)
    suppressed = len(before) - len(after)
    losses = [suppressed * column.suppressed() for column in columns]
    classes, untruthful = collections.Counter(), 0
    for index, labels in enumerate(after):
        if all(label in ("*", "") for label in labels):
            suppressed += 1
        else:
            classes[labels] += 1
        for place, (column, label) in enumerate(zip(columns, labels)):
            if is_aligned:
                loss, is_true = column.cell(before[index][place], label)
                untruthful += not is_true
            else:
                loss = column.label(label)
            losses[place] += loss
    return {
        "records": len(before),
        "k": min(classes.values(), default=0),
        "classes": len(classes),
        "loss": sum(losses) / (len(before) * len(names)),
        "suppressed": suppressed,
        "untruthful": untruthful if is_aligned else None,
        "losses": {name: loss / len(before) for name, loss in zip(names, losses)},
    }


if __name__ == "__main__":
    if len(sys.argv) < 4 or any("=" not in pair for pair in sys.argv[3:]):
        raise SystemExit("usage: score.py ORIGINAL RELEASE COLUMN=HIERARCHY...")
    for key, value in score(sys.argv[1], sys.argv[2], dict(pair.split("=", 1) for pair in sys.argv[3:])).items():
        print(f"{key}: {value}")
