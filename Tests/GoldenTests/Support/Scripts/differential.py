"""Inputs with the quirks of real exports, and a comparison of what Veil made of them with Python's csv and json.

usage: differential.py make csv|ndjson FOLDER COUNT SEED     writes FOLDER/0.csv … and pipelines beside them
       differential.py compare csv|ndjson FOLDER COUNT       compares FOLDER/0.out.csv … ; exit status 1 if one differs
"""
import csv
import json
import os
import random
import sys

csv.field_size_limit(1 << 30)
ATOMS = ["", "a", "B", " ", ",", ";", "\t", '"', '""', "'", "\n", "\r\n", "\\", "\\n", "é", "e\u0301", "漢字", "👩‍👩‍👧", "\u2028",
         "\u00a0", "\ufeff", "\u0085", "\x1f", "\x7f", "NULL", "null", "-", "=1+1", "0", "1.0", "1e5", "x" * 63,
         "y" * 64, "z" * 65, "w" * 900]


def cell(source):
    return "".join(source.choice(ATOMS) for _ in range(source.choice([0, 1, 1, 2, 3, 6])))


def write_csv(source, path):
    """Writes one file by hand, since Python's writer quotes as it likes. A cell is quoted where it must be, or at will."""
    delimiter = source.choice([",", ",", ";", "\t", "|"])
    quote = source.choice(['"', '"', '"', "'"])
    ending = source.choice(["\n", "\r\n"])
    width = source.randint(1, 6)

    def written(text):
        must = any(c in text for c in (delimiter, quote, "\n", "\r")) or (text == "" and width == 1)
        return quote + text.replace(quote, quote * 2) + quote if must or source.random() < 0.2 else text

    rows = [[f"c{n}" + source.choice(["", " x", "é", ".y"]) for n in range(width)]]
    rows += [[cell(source) for _ in range(width)] for _ in range(source.choice([0, 1, 2, 20, 200]))]
    text = ending.join(delimiter.join(map(written, row)) for row in rows)
    text = source.choice(["", "\ufeff"]) + text + source.choice(["", ending, ending * 3])
    with open(path + ".csv", "wb") as file:
        file.write(text.encode("utf-8"))
    with open(path + ".rows", "w", encoding="utf-8") as file:
        json.dump(rows, file)
    dialect = json.dumps({"delimiter": delimiter, "quote": quote})
    pipeline(path, "csv", f"source: {{path: {os.path.basename(path)}.csv, csv: {dialect}}}")


def pipeline(path, ending, source):
    with open(path + ".yaml", "w", encoding="utf-8") as file:
        name = os.path.basename(path)
        file.write(f"version: 1\nname: differential\n{source}\nunlisted: keep\nsink: {{path: {name}.out.{ending}}}\n")


def string(source):
    text = cell(source)
    return json.dumps(text, ensure_ascii=source.random() < 0.5).replace("/", source.choice(["/", "\\/"]))


def value(source, depth):
    kind = source.random()
    space = source.choice(["", "", " ", "\t", "  "])
    if depth == 0 or kind < 0.5:
        number = source.choice(["0", "-0", "1.0", "1e3", "1E-7", "0.10", "-12345678901234567890", "1.5e+300", "3"])
        return source.choice([string(source), string(source), number, "true", "false", "null"])
    members = range(source.randint(0, 4))
    if kind < 0.75:
        return "[" + space + f"{space},".join(value(source, depth - 1) for _ in members) + space + "]"
    return "{" + space + f",{space}".join(
        f"{string(source)}{space}:{space}{value(source, depth - 1)}" for _ in members) + space + "}"


def write_ndjson(source, path):
    lines = []
    for _ in range(source.choice([1, 3, 40])):
        members = {f"k{n}": value(source, 4) for n in range(source.randint(0, 5))}
        lines.append("{" + ", ".join(f'"{key}": {written}' for key, written in members.items()) + "}")
    with open(path + ".ndjson", "wb") as file:
        file.write("\n".join(lines).encode("utf-8") + source.choice([b"", b"\n", b"\n\n"]))
    pipeline(path, "ndjson", f"source: {{path: {os.path.basename(path)}.ndjson}}")


def same(form, path):
    with open(f"{path}.out.{form}", encoding="utf-8", newline="") as file:
        if form == "csv":
            found = list(csv.reader(file, strict=True))
            with open(path + ".rows", encoding="utf-8") as rows:
                return found == json.load(rows)
        found = file.read()
    with open(path + ".ndjson", encoding="utf-8", newline="") as file:
        lines = [line for line in file.read().split("\n") if line]
    for line in lines:
        json.loads(line)
    # Kept values leave byte for byte; that they parse was just seen.
    return found == "".join(line + "\n" for line in lines)


action, form, folder, count = sys.argv[1:4] + [int(sys.argv[4])]
if action == "make":
    for number in range(count):
        make = write_csv if form == "csv" else write_ndjson
        make(random.Random(f"{sys.argv[5]} {number}"), os.path.join(folder, str(number)))
else:
    different = [number for number in range(count) if not same(form, os.path.join(folder, str(number)))]
    if different:
        sys.exit(f"{len(different)} of {count} differ: {different[:10]}")
