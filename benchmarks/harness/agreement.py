"""Do two outputs say the same? Both are parsed; quoting, the order of columns, and null against empty do not count."""
import csv
import json
from dataclasses import dataclass

MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Digest:
    """Sums of hashes; comparable within one process only."""
    records: int
    columns: dict  # column -> sum over its values
    rows: int  # sum over whole rows: the same rows in any order
    sequence: int  # changes with the order, too


def as_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def read_rows(path):
    """First the names of the columns, then every record as a tuple of texts."""
    with open(path, encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            yield from map(tuple, csv.reader(file))
            return
        names = None
        for line in file:
            record = json.loads(line)
            if names is None:
                names = tuple(record)
                yield names
            yield tuple(as_text(record[name]) for name in names)


def digest(path, leave_out=frozenset()):
    """The digest of a CSV or NDJSON file without the columns `leave_out`."""
    rows = read_rows(path)
    names = next(rows)
    kept = sorted((name, index) for index, name in enumerate(names) if name not in leave_out)
    indices = [index for _, index in kept]
    sums, total, sequence, count = [0] * len(indices), 0, 0, 0
    for row in rows:
        values = tuple([row[index] for index in indices])
        for at, value in enumerate(values):
            sums[at] += hash(value)
        whole = hash(values)
        total += whole
        sequence = (sequence * 31 + whole) & MASK
        count += 1
    return Digest(count, {name: sums[at] for at, (name, _) in enumerate(kept)}, total, sequence)


def verdict(ours, theirs):
    if ours.records != theirs.records:
        return f"DIFFERS: {theirs.records} records, not {ours.records}"
    if set(ours.columns) != set(theirs.columns):
        return "DIFFERS: other columns"
    different = [name for name in ours.columns if ours.columns[name] != theirs.columns[name]]
    if different:
        return "DIFFERS in " + ", ".join(different)
    if ours.rows != theirs.rows:
        return "DIFFERS: values are in other rows"
    return "same" if ours.sequence == theirs.sequence else "same, other order"
