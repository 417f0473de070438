"""Random microaggregation against brute force, by docs/aggregates.md."""
import csv, decimal, io, json, random as randoms
from collections import defaultdict

import reading

ROOM = 1e-6


def best(values, k):
    """The least sum of squared distances to the means of groups of at least k, of numbers in one column."""
    values = sorted(values)
    cost = lambda own: sum((value - sum(own) / len(own)) ** 2 for value in own)
    found = [0.0] + [float("inf")] * len(values)
    for end in range(1, len(values) + 1):
        for start in range(max(0, end - 2 * k + 1), end - k + 1):
            found[end] = min(found[end], found[start] + cost(values[start:end]))
    return found[-1]


def is_dominated(own):
    """Whether one of the values is more than three quarters of the sum of absolute values."""
    total = sum(abs(value) for value in own)
    return total > 0 and max(abs(value) for value in own) > 0.75 * total + ROOM


def judged(release, seed):
    """How the run ended; deviations go to `release.say`."""
    random = randoms.Random(seed)
    k = random.choice([2, 3, 5])
    decimals = random.choice([0, 1, 2])
    fields = ["income", "age"][: random.choice([1, 1, 2])]
    form, out = random.choice(["csv", "ndjson"]), random.choice(["csv", "ndjson", "json"])
    records, people = [], random.choice([12, 30])
    several = random.random() < 0.3
    for row in range(people * (2 if several else 1)):
        record = {"row": str(row), "id": f"p{row % people}", "city": random.choice("xyz")}
        for field in fields:
            number = random.choice([random.randint(0, 60), round(random.uniform(0, 500), 2), random.choice([0, 0, 10])])
            if random.random() < 0.02:
                number = 90000
            record[field] = "" if random.random() < 0.05 else str(number)
        records.append(record)
    names = ["row", "id"] + fields + ["city"]
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[record[name] for name in names] for record in records])
        text = text.getvalue()
    else:
        value = lambda name, text: (text or "null") if name in fields else json.dumps(text)
        text = "".join(
            "{" + ", ".join(f'"{name}": {value(name, record[name])}' for name in names) + "}\n" for record in records)
    release.write(f"in.{form}", text)
    rules = {"row": "keep", "id": "drop", **{field: "keep" for field in fields}, "city": "keep"}
    release.write("p.yaml", json.dumps({
        "version": 1, "name": "means", "source": {"path": f"in.{form}", "subject": "id"}, "fields": rules,
        "microaggregation": {"k": k, "fields": fields, "decimals": decimals}, "sink": {"path": f"out.{out}"},
    }))
    run = release.veil("run", "p.yaml", "--manifest", "m.json", *release.threads())
    usable = [record for record in records if all(record[field] for field in fields)]
    # Half a unit is rounded up.
    step = decimal.Decimal(1).scaleb(-decimals)
    exact = lambda text: float(decimal.Decimal(text).quantize(step, decimal.ROUND_HALF_UP))
    numbers = {record["row"]: [exact(record[field]) for field in fields] for record in usable}
    say = release.judge.say
    if run.returncode == 1:
        # One group of all is what is left where every other is dominated.
        if not several and all(not is_dominated([own[at] for own in numbers.values()]) for at in range(len(fields))):
            say(f"means are refused, and one group of all is not dominated: {run.stderr}")
        return "refused means"
    if run.returncode:
        say(f"means end with status {run.returncode}: {run.stderr}")
        return "means"
    rows = reading.records(f"{release.folder}/out.{out}", out, ["row"] + fields + ["city"])
    manifest = release.load("m.json")
    if sorted(row["row"] for row in rows) != sorted(numbers):
        say("other records than those with numbers leave")
        return "means"
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[field] for field in fields)].append(row["row"])
        if row["city"] != records[int(row["row"])]["city"]:
            say(f"city of record {row['row']}: {row['city']!r}")
    smallest = min(len({records[int(row)]["id"] for row in own}) for own in groups.values())
    if smallest < k:
        say(f"a group of {smallest} people, and k is {k}")
    if manifest["microaggregation"]["smallest_group"] > smallest:
        say(f"smallest_group {manifest['microaggregation']['smallest_group']}, and is {smallest}")
    for means, own in groups.items():
        for at, mean in enumerate(means):
            values = [numbers[row][at] for row in own]
            if abs(sum(values) / len(values) - float(mean)) > 0.5 * 10**-decimals + ROOM:
                say(f"mean {mean} of {values}")
            if not several and is_dominated(values):
                say(f"one person dominates {values}")
    if len(fields) == 1 and not several:
        left = sum(
            (numbers[row][0] - sum(numbers[r][0] for r in own) / len(own)) ** 2 for own in groups.values() for row in own)
        least = best([own[0] for own in numbers.values()], k)
        values = sorted(own[0] for own in numbers.values())
        # Rounding may give two groups one mean.
        if left < least - ROOM - 0.01 * abs(least):
            say(f"groups are better than the best: {left} and {least} of {values}")
    return "means"
