"""Figures of releases, computed from files alone by the definitions of the literature.

    releases.py figures INPUT OUTPUT K   what a manifest says of one release of `id,age,town,note`
    releases.py attack BEFORE NOW K      who is singled out by whoever holds both releases

`note` says which record is which, so that each published record is known with its original.
"""
import collections, csv, json, math, sys


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def entropy(column, before, after, covers):
    """(bits by record, bits with everything suppressed) of one column."""
    values = collections.Counter(row[column] for row in before)
    bits = most = 0.0
    for row in before:
        own = values[row[column]]
        label = after[row["note"]][column] if row["note"] in after else "*"
        covered = sum(count for value, count in values.items() if covers(value, label))
        bits -= math.log2(own / covered)
        most -= math.log2(own / len(before))
    return bits / len(before), most / len(before)


def age_covers(value, label):
    if label.startswith("["):
        low, high = label[1:-1].split(",")
        return float(low) <= float(value) < float(high)
    return label == "*" or value == label


def figures(before, after, k):
    classes = collections.defaultdict(list)
    for row in after:
        classes[row["age"], row["town"]].append(row)
    people = {row["note"]: row["id"] for row in before}
    persons = [len({people[row["note"]] for row in own}) for own in classes.values()]
    # A person in several classes is at the risk of the smallest.
    highest = collections.defaultdict(float)
    for own, count in zip(classes.values(), persons):
        for row in own:
            highest[people[row["note"]]] = max(highest[people[row["note"]]], 1 / count)
    average = sum(highest.values()) / len(highest)
    sizes = [len(own) for own in classes.values()]
    suppressed = len(before) - len(after)
    published = {row["note"]: row for row in after}
    columns = [
        entropy("age", before, published, age_covers),
        entropy("town", before, published, lambda value, label: label == "*" or value == label),
    ]
    return {
        "discernibility": sum(size * size for size in sizes) + suppressed * len(before),
        "average_class_size": sum(sizes) / len(sizes) / k,
        "non_uniform_entropy": sum(c[0] for c in columns) / sum(c[1] for c in columns),
        "non_uniform_entropy_by_field": [c[0] / c[1] for c in columns],
        "class_sizes": [
            {"records": size, "classes": count} for size, count in sorted(collections.Counter(sizes).items())
        ],
        "prosecutor_maximum": max(1 / size for size in persons),
        "prosecutor_average": average,
        "marketer": average,
    }


def attack(before, now, k):
    """Brute force: each person against each other one, by the classes that the person's records are in."""
    def classes(release):
        found = collections.defaultdict(set)
        for row in release:
            found[row["id"]].add((row["age"], row["town"]))
        return found

    old, new = classes(before), classes(now)
    both = sorted(set(old) & set(new))
    singled = 0
    for person in both:
        fewest = min(
            sum(1 for other in both if a in old[other] and b in new[other]) for a in old[person] for b in new[person]
        )
        singled += fewest < k
    return {"in_both": len(both), "singled_out": singled}


if sys.argv[1] == "figures":
    print(json.dumps(figures(rows(sys.argv[2]), rows(sys.argv[3]), int(sys.argv[4]))))
else:
    print(json.dumps(attack(rows(sys.argv[2]), rows(sys.argv[3]), int(sys.argv[4]))))
