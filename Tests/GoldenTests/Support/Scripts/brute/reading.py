"""Published files as their readers see them: a list of records, each a dict from field to text, "" for what is missing."""
import csv, decimal, io, json, re


class BadFile(Exception):
    pass


def number(text):
    value = decimal.Decimal(text)
    return format(value.normalize(), "f") if value else "0"


class Number(str):
    """The text of a JSON number, told from a string."""


def load(text):
    return json.loads(text, parse_int=lambda t: Number(number(t)), parse_float=lambda t: Number(number(t)))


def objects(text, form):
    if form == "json":
        return load(text)
    return [load(line) for line in text.splitlines()]


def records(path, form, names):
    """All records of a file, whose fields must be `names`; with JSON every record must be written in one form."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if form in ("ndjson", "json"):
        found = objects(text, form)
        for record in found:
            if list(record) != names:
                raise BadFile(f"{path}: members {list(record)}, not {names}")
        outside = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
        if form == "ndjson" and re.search(r"[ \t]", outside):
            raise BadFile(f"{path}: blanks between members")
        return [{name: "" if value is None else value for name, value in record.items()} for record in found]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if form == "tsv" else ",", strict=True))
    if not rows or rows[0] != names:
        raise BadFile(f"{path}: columns {rows[:1]}, not {names}")
    # A record whose only field is empty is an empty line to Python.
    rows = [row if row else [""] for row in rows[1:]]
    for row in rows:
        if len(row) != len(names):
            raise BadFile(f"{path}: {len(row)} cells, not {len(names)}")
    return [dict(zip(names, row)) for row in rows]
